"""The verdicts beside a model file."""

import json

import pytest

from imaging.manifest import Gate
from tests.imaging.manifests import manifest
from training.errors import InvalidRun
from training.release.verdicts import FILE_NAME, Verdicts, read_verdicts, write_verdicts


def test_verdicts_are_found_by_the_answers_they_are_about(tmp_path):
    """What was written is read under the name of the cross-validation that has these predictions."""
    open_gate = Gate("asked", None, None, None, 0.5, False)
    write_verdicts(tmp_path, manifest(gates=(*manifest().gates, open_gate)), "abc")

    found = read_verdicts([tmp_path], {"abc": "one", "def": "other"})

    gates = {"auc above chance": "passed", "asked": "NOT MEASURED"}
    assert {"one": Verdicts("cnn, version 1: not released", gates)} == found
    written = json.loads((tmp_path / FILE_NAME).read_text())
    assert [0.8, None] == [gate["value"] for gate in written["gates"]]
    assert written["synthetic"]


def test_two_releases_of_one_crossvalidation_are_refused(tmp_path):
    """A page has room for the verdicts of one of them, and which is for the reader to say."""
    folders = [tmp_path / "1", tmp_path / "2"]
    for folder in folders:
        folder.mkdir()
        write_verdicts(folder, manifest(), "abc")

    with pytest.raises(InvalidRun, match="was held to one, as another version was; give one of them only"):
        read_verdicts(folders, {"abc": "one"})


def test_what_is_no_release_is_refused(tmp_path):
    """No file, a damaged one, and one of other answers each say what to do."""
    with pytest.raises(InvalidRun, match="run `nodelens-train release` again"):
        read_verdicts([tmp_path], {})
    (tmp_path / FILE_NAME).write_text("{}")
    with pytest.raises(InvalidRun, match="is damaged"):
        read_verdicts([tmp_path], {})
    write_verdicts(tmp_path, manifest(), "abc")
    with pytest.raises(InvalidRun, match="give its --crossval too"):
        read_verdicts([tmp_path], {"def": "other"})
