"""The models of a server."""

import shutil
import weakref

import pytest

from service.faults import CannotStart, ModelNotReleased, UnknownModel
from service.models.options import ModelOptions
from service.models.trial import Trial
from tests.service.models.published import publish, shifted, variant
from tests.service.repositories import loaded

RESEARCH = ModelOptions(allow_research=True)


def load(folder, default=None, options=RESEARCH):
    """The folder's models, on the CPU."""
    return loaded(folder, default, options)


def borrowed(repository, name, version=0, request_id=""):
    """Name and version of the model that is lent."""
    with repository.borrowed(name, version, request_id) as model:
        return model.ref.name, model.ref.version


@pytest.fixture
def folder(models, tmp_path):
    """A folder of one's own with ``cnn-gap`` 1, whose gates passed, and 2, whose gates did not."""
    shutil.copytree(models / "cnn-gap", tmp_path / "own" / "cnn-gap")
    return tmp_path / "own"


@pytest.fixture
def path(folder):
    """The file of ``cnn-gap`` 1 there."""
    return folder / "cnn-gap" / "1" / "model.onnx"


def test_bad_files_do_not_disturb_good_ones(models):
    """What cannot be served stands beside what is, with the reason."""
    repository = load(models)

    assert ["cnn 1", "cnn-gap 1", "cnn-gap 2"] == [f"{m.ref.name} {m.ref.version}" for m in repository.models]
    assert ["broken", "misplaced"] == [slot.file.name for slot in repository.slots if slot.problem]


def test_the_default_can_be_chosen(models):
    """A name of one's own answers where none is asked for; it must be served."""
    assert ("cnn", 1) == borrowed(load(models), "")
    assert ("cnn-gap", 1) == borrowed(load(models, "cnn-gap"), "")
    with pytest.raises(CannotStart, match="--default-model vgg: served are cnn, cnn-gap"):
        load(models, "vgg")


def test_versions_are_numbers(models):
    """Version 10 is no version 1; only what is there is served."""
    refused = "the model or version asked for is not served here; served are: cnn 1, cnn-gap 1"
    with pytest.raises(UnknownModel, match=refused):
        borrowed(load(models), "cnn", 10)


@pytest.mark.parametrize("name", ["0", "01", "²", "1e3", "9" * 12])
def test_folders_that_are_no_versions_are_left_alone(models, tmp_path, name):
    """A version is a whole number from 1, written without zeros before it, as for Triton."""
    shutil.copytree(models / "cnn", tmp_path / "cnn")
    shutil.copytree(models / "cnn" / "1", tmp_path / "cnn" / name)

    assert [1] == [slot.file.version for slot in load(tmp_path).slots]


def test_a_folder_without_models_is_refused(models, tmp_path):
    """No folder, an empty one, and one with bad files only: each says what is wrong."""
    with pytest.raises(CannotStart, match="no such folder"):
        load(tmp_path / "none")
    with pytest.raises(CannotStart, match=r"there is no <name>/<version>/model\.onnx"):
        load(tmp_path)
    shutil.copytree(models / "broken", tmp_path / "broken")
    with pytest.raises(CannotStart, match="broken 1: ONNX Runtime cannot load the file"):
        load(tmp_path)


def test_the_newest_that_passed_answers(folder, path):
    """Ungated versions answer to their number only; where none passed, the newest answers."""
    repository = load(folder)
    assert [("cnn-gap", 1), ("cnn-gap", 2)] == [borrowed(repository, "cnn-gap", version) for version in (0, 2)]
    publish(variant(path.read_bytes(), version=10), folder / "cnn-gap" / "10" / "model.onnx")
    assert repository.look()
    assert ("cnn-gap", 10) == borrowed(repository, "cnn-gap")
    for version in ("1", "10"):
        shutil.rmtree(folder / "cnn-gap" / version)
    assert repository.look()
    assert ("cnn-gap", 2) == borrowed(repository, "cnn-gap")


def test_ungated_models_are_refused_without_the_flag(folder, path):
    """They are found, not lent, and stand in nobody's way; a server starts with nothing else."""
    repository = load(folder, options=ModelOptions())
    assert [True, False] == [slot.lease is not None for slot in repository.slots]
    assert ("cnn-gap", 1) == borrowed(repository, "cnn-gap")
    with pytest.raises(ModelNotReleased, match=r"did not pass its release gates; .* --allow-research"):
        borrowed(repository, "cnn-gap", 2)
    shutil.rmtree(path.parent)
    alone = load(folder, options=ModelOptions())
    assert () == alone.models
    with pytest.raises(ModelNotReleased):
        borrowed(alone, "")


def test_a_canary_answers_its_share(folder):
    """Requests that name no version meet the canary by their ids, others never do; it does not count as the newest."""
    canary = Trial("canary", "cnn-gap", 2, 0.5)
    repository = load(folder, options=ModelOptions(allow_research=True, canaries=(canary,)))
    ids = [f"study-{n}" for n in range(40)]
    expected = [("cnn-gap", 2 if canary.takes(each) else 1) for each in ids]

    assert {("cnn-gap", 1), ("cnn-gap", 2)} == set(expected)
    assert expected == [borrowed(repository, "cnn-gap", 0, each) for each in ids]
    assert [("cnn-gap", 1)] * 40 == [borrowed(repository, "cnn-gap", 1, each) for each in ids]
    assert 1 == repository.newest("cnn-gap").file.version


def test_a_canary_that_is_not_there_yet_is_told(folder, caplog):
    """Missing or refused by its gates: the server starts, and its log says so."""
    canary = Trial("canary", "cnn-gap", 2, 0.5)
    with caplog.at_level("WARNING"):
        load(folder, options=ModelOptions(allow_research=True, canaries=(canary,)))
        assert "the canary is not there yet" not in caplog.messages
        load(folder, options=ModelOptions(canaries=(canary,)))

    assert "the canary is not there yet" in caplog.messages


def test_without_its_canary_a_model_answers_all(folder):
    """A canary that is not there, or no longer, takes no share; alone it answers all."""
    options = ModelOptions(allow_research=True, canaries=(Trial("canary", "cnn-gap", 2, 1.0),))
    repository = load(folder, options=options)
    assert ("cnn-gap", 2) == borrowed(repository, "cnn-gap", 0, "study-1")
    shutil.move(folder / "cnn-gap" / "2", folder.parent / "aside")
    repository.look()
    assert ("cnn-gap", 1) == borrowed(repository, "cnn-gap", 0, "study-1")
    shutil.move(folder.parent / "aside", folder / "cnn-gap" / "2")
    shutil.rmtree(folder / "cnn-gap" / "1")
    repository.look()
    assert ("cnn-gap", 2) == borrowed(repository, "cnn-gap")


def test_a_replaced_model_is_released_by_its_last_borrower(folder, path):
    """Those that have it keep it whole; then it is told once, and its memory is given back."""
    repository, released = load(folder), []
    repository.on_release.append(lambda model: released.append(model.ref.digest))
    with repository.borrowed("cnn-gap", 1) as first, repository.borrowed("cnn-gap", 1) as second:
        old, session = first.ref.digest, weakref.ref(first.session)
        assert first is second
        publish(shifted(path.read_bytes(), 1.0), path)
        assert repository.look()
        with repository.borrowed("cnn-gap", 1) as third:
            assert old != third.ref.digest
        assert [] == released
        assert first.answers([]) == []
    del first, second

    assert [old] == released
    assert session() is None


def test_a_model_that_nobody_has_is_released_at_once(folder, path):
    """Replaced or removed, it goes with the look that found out."""
    repository, released = load(folder), []
    repository.on_release.append(lambda model: released.append(model.ref.version))
    publish(shifted(path.read_bytes(), 1.0), path)
    repository.look()
    shutil.rmtree(folder / "cnn-gap" / "2")
    repository.look()

    assert [1, 2] == released
    assert not repository.look()


def test_a_folder_that_is_gone_takes_no_model_with_it(folder):
    """A drive that is not mounted for a while is an error, and all models answer on."""
    repository = load(folder)
    shutil.move(folder, folder.parent / "aside")
    with pytest.raises(CannotStart, match="no such folder"):
        repository.look()

    assert ("cnn-gap", 1) == borrowed(repository, "cnn-gap")
