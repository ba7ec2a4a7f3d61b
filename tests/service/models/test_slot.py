"""One version of one model, looked at again and again."""

import os
import re
from functools import partial

import pytest

from service.model import Device, load_model
from service.models.files import files_in
from service.models.slot import UNREADABLE, UNRELEASED, UNSETTLED, Slot, looked_at
from tests.service.models.published import BAD, publish, shifted, variant

load = partial(load_model, device=Device.CPU, thread_count=1)


@pytest.fixture(scope="module")
def content(models):
    """A sound file whose gates passed."""
    return (models / "cnn-gap" / "1" / "model.onnx").read_bytes()


@pytest.fixture
def path(content, tmp_path):
    """The same in a folder of its own."""
    publish(content, tmp_path / "cnn-gap" / "1" / "model.onnx")
    return tmp_path / "cnn-gap" / "1" / "model.onnx"


@pytest.fixture
def slot(path, tmp_path):
    """A slot whose model is loaded."""
    return looked_at(Slot(*files_in(tmp_path)), load, allow_research=False)


def unexpected(path):
    """Loads nothing."""
    raise AssertionError(f"{path.name} was loaded again")


def test_a_sound_file_is_served(slot):
    """It has a model, a digest, and no problem."""
    assert "" == slot.problem
    assert slot.digest == slot.ref.digest == slot.lease.model.ref.digest


def test_what_has_not_changed_is_not_loaded_again(slot, path, content):
    """An untouched file is not even read; one that was touched or written again is, and its content decides."""
    assert slot is looked_at(slot, unexpected, allow_research=False)
    os.utime(path)
    touched = looked_at(slot, unexpected, allow_research=False)
    publish(content, path)
    again = looked_at(touched, unexpected, allow_research=False)

    assert slot.lease is touched.lease is again.lease
    assert slot.stamp != touched.stamp != again.stamp


def test_other_content_is_another_model(slot, path, content):
    """A new file in its place gets a new model; the slot before keeps its own."""
    publish(shifted(content, 1.0), path)
    after = looked_at(slot, load, allow_research=False)

    assert slot.lease is not after.lease
    assert slot.ref.digest != after.ref.digest
    assert 1.0 == after.manifest.calibration.bias


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_does_not_disturb_the_good_one(slot, path, content, kind):
    """The model stays and the problem is told, once for one content; the good content heals it without a load."""
    make, message = BAD[kind]
    publish(make(content), path)
    spoilt = looked_at(slot, load, allow_research=False)

    assert slot.lease is spoilt.lease
    assert re.search(message, spoilt.problem)
    publish(make(content), path)
    assert spoilt.problem == looked_at(spoilt, unexpected, allow_research=False).problem
    publish(content, path)
    healed = looked_at(spoilt, unexpected, allow_research=False)
    assert ("", slot.lease) == (healed.problem, healed.lease)


def test_a_file_that_grows_is_left_until_it_is_whole(slot, path, content):
    """Whoever writes into the place itself is told to rename; each look tries again, and the whole file is taken."""
    whole = shifted(content, 1.0)
    path.write_bytes(whole[:1000])

    def growing(path):
        with path.open("ab") as file:
            file.write(whole[path.stat().st_size :][:1000])
        return load(path)

    before = looked_at(slot, growing, allow_research=False)
    assert (UNSETTLED, slot.lease) == (before.problem, before.lease)
    path.write_bytes(whole)
    after = looked_at(before, load, allow_research=False)
    assert ("", 1.0) == (after.problem, after.manifest.calibration.bias)


def test_a_file_that_is_replaced_while_it_loads_is_not_mistaken(slot, path, content):
    """The digest of one file never goes with the model of another."""
    publish(shifted(content, 1.0), path)

    def overtaken(path):
        publish(shifted(content, 2.0), path)
        return load(path)

    before = looked_at(slot, overtaken, allow_research=False)
    after = looked_at(before, load, allow_research=False)

    assert (UNSETTLED, slot.lease) == (before.problem, before.lease)
    assert (after.digest, 2.0) == (after.ref.digest, after.manifest.calibration.bias)


def test_a_file_that_vanishes_is_left(slot, path):
    """Between listing and reading a file may go; the model stays until the folder is listed again."""
    path.unlink()
    after = looked_at(slot, load, allow_research=False)

    assert (UNREADABLE, slot.lease) == (after.problem, after.lease)


def test_gates_that_did_not_pass_are_a_problem_unless_research_is_allowed(slot, path, content):
    """Without the flag the released model before it stays, and a new slot has none; with it the new one answers."""
    publish(variant(content, gates=()), path)
    refused = looked_at(slot, load, allow_research=False)
    alone = looked_at(Slot(slot.file), load, allow_research=False)
    allowed = looked_at(slot, load, allow_research=True)

    assert (UNRELEASED, slot.lease) == (refused.problem, refused.lease)
    assert (UNRELEASED, None) == (alone.problem, alone.lease)
    assert (False, "cnn-gap") == (alone.manifest.released, alone.ref.name)
    assert ("", False) == (allowed.problem, allowed.manifest.released)
