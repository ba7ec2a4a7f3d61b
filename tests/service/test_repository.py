"""The models of a server."""

import shutil

import pytest

from service.faults import CannotStart, UnknownModel
from service.model import Device
from service.repository import ModelRepository


def load(folder, default=None):
    """The folder's models, on the CPU."""
    return ModelRepository.load(folder, Device.CPU, 1, default)


def test_bad_files_do_not_disturb_good_ones(models):
    """What cannot be served is kept apart with the reason."""
    repository = load(models)

    assert ["cnn 1", "cnn-gap 1", "cnn-gap 2"] == [f"{m.ref.name} {m.ref.version}" for m in repository.models]
    assert ["broken", "misplaced"] == [each.ref.name for each in repository.rejected]


def test_the_default_can_be_chosen(models):
    """A name of one's own answers where none is asked for; it must be served."""
    assert "cnn-gap" == load(models, "cnn-gap").find("", 0).ref.name
    with pytest.raises(CannotStart, match="--default-model vgg: served are cnn, cnn-gap"):
        load(models, "vgg")


def test_versions_are_numbers(models, tmp_path):
    """Version 10 is newer than version 9; only the manifest's own version counts."""
    with pytest.raises(UnknownModel, match="the model or version asked for is not served here; served are: cnn 1"):
        load(models).find("cnn", 10)


@pytest.mark.parametrize("name", ["0", "01", "²", "1e3", "9" * 12])
def test_folders_that_are_no_versions_are_left_alone(models, tmp_path, name):
    """A version is a whole number from 1, written without zeros before it, as for Triton."""
    shutil.copytree(models / "cnn", tmp_path / "cnn")
    shutil.copytree(models / "cnn" / "1", tmp_path / "cnn" / name)
    repository = load(tmp_path)

    assert [1] == [model.ref.version for model in repository.models]
    assert () == repository.rejected


def test_a_folder_without_models_is_refused(models, tmp_path):
    """No folder, an empty one, and one with bad files only: each says what is wrong."""
    with pytest.raises(CannotStart, match="no such folder"):
        load(tmp_path / "none")
    with pytest.raises(CannotStart, match=r"there is no <name>/<version>/model\.onnx"):
        load(tmp_path)
    shutil.copytree(models / "broken", tmp_path / "broken")
    with pytest.raises(CannotStart, match="broken 1: ONNX Runtime cannot load the file"):
        load(tmp_path)
