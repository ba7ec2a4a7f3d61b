"""What a split that ignores nodes and patients would claim."""

import json

import numpy as np

from tests.training.cohorts import write_cohort
from tests.training.fitted import OPTIONS
from tests.training.fitted import answers as fitted_answers
from training.config import Purpose
from training.leak import WARNING, as_slices, slice_splits
from training.main import main
from training.run import Run


def test_slices_become_nodes(fitted):
    """Each slice is a case of its own, with the label and the measurements of its node."""
    _, crops, _ = fitted_answers(fitted)

    slices = as_slices(crops)

    assert (3 * len(crops.cases), 1, *crops.pixels.shape[2:]) == slices.pixels.shape
    np.testing.assert_array_equal(crops.pixels[2, 1], slices.pixels[7, 0])
    assert (crops.cases[2], crops.measurements[2]) == (slices.cases[7], slices.measurements[7])


def test_each_slice_is_tested_once(fitted):
    """The parts of a split by slice are disjoint, but nodes are in several of them: that is the leak."""
    _, crops, _ = fitted_answers(fitted)
    slices = as_slices(crops)

    splits = slice_splits(slices, 4, 0)

    assert list(range(len(slices.cases))) == sorted(index for split in splits for index in split.test)
    for split in splits:
        assert len(slices.cases) == len({*split.training, *split.validation, *split.test})
        assert {slices.cases[n] for n in split.training} & {slices.cases[n] for n in split.test}


def test_the_leak_is_shown_and_cannot_be_exported(tmp_path, capsys):
    """Both ways of splitting stand side by side; the runs of the left one are marked and refused as models."""
    table, out = write_cohort(tmp_path / "cohort", patient_count=12), tmp_path / "cv"
    words = ["crossval", "--cases", str(table), "--network", "cnn-gap", "--folds", "3", "--out", str(out)]
    assert 0 == main([*words, *OPTIONS[:-1], "1", "--split", "slice"])
    shown = capsys.readouterr().out
    columns = json.loads((out / "leak.json").read_text())
    leaking = out / "slice-split" / "fold-1"

    assert WARNING in shown
    assert WARNING == columns["warning"]
    assert [36, 36] == [columns[name]["slice_count"] for name in ("split by slice (leaks)", "split by patient")]
    assert 0.25 < columns["split by slice (leaks)"]["patients_learnt_from"]
    assert 0 == columns["split by patient"]["patients_learnt_from"]
    page = (out / "leak.html").read_text()
    assert WARNING in page
    assert "SYNTHETIC" in page
    assert Purpose.LEAK == Run.open(leaking).config.purpose
    for command in (["export", str(leaking), "--models", str(tmp_path / "models")], ["evaluate", str(leaking)]):
        assert 2 == main(command)
        assert "tested on the patients it learnt from" in capsys.readouterr().err
    assert not (tmp_path / "models").exists()
