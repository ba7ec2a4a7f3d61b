"""The command nodelens-train control."""

import json

import pytest

from imaging.roc import Estimate
from tests.training.cohorts import write_cohort
from tests.training.fitted import OPTIONS
from training.cases import read_cohort
from training.control import PermutedResult, controlled, permuted_for
from training.main import main
from training.run import Run

SHORT = ["--network", "cnn-gap", "--folds", "3", *OPTIONS[:-1], "1"]


def result(auc):
    """A permuted run."""
    return PermutedResult(auc, training_auc=0.9, training_accuracy=0.8)


def test_nothing_is_learnt_from_permuted_labels(tmp_path, capsys):
    """Each run is cross-validated, compared with the true labels, kept on resumption, and refused as a model."""
    table, out = write_cohort(tmp_path / "cohort", patient_count=12), tmp_path / "control"
    assert 0 == main(["crossval", "--cases", str(table), "--out", str(tmp_path / "cv"), *SHORT])
    words = ["control", "--cases", str(table), "--out", str(out), "--runs", "2", *SHORT]
    words += ["--against", str(tmp_path / "cv")]
    assert 0 == main(words)
    shown = capsys.readouterr().out
    found = json.loads((out / "control.json").read_text())
    weights = [path.stat().st_mtime_ns for path in sorted(out.glob("run-*/fold-*/best.pt"))]

    assert 2 == len(found["runs"])
    assert 6 == len(weights)
    assert all(0 <= each["training_auc"] <= 1 for each in found["runs"])
    assert found["contains_chance"] == (found["auc"]["lower"] <= 0.5 <= found["auc"]["upper"])
    assert found["p_value"] in (1 / 3, 2 / 3, 1.0)
    assert "SYNTHETIC" in shown
    assert "SYNTHETIC" in (out / "control.html").read_text()

    assert 0 == main(words)
    assert weights == [path.stat().st_mtime_ns for path in sorted(out.glob("run-*/fold-*/best.pt"))]
    assert found == json.loads((out / "control.json").read_text())

    assert (
        Run.open(out / "run-1" / "fold-1").config.cohort_digest
        != Run.open(tmp_path / "cv" / "fold-1").config.cohort_digest
    )
    assert 2 == main(["export", str(out / "run-1" / "fold-1"), "--models", str(tmp_path / "models")])
    assert "it learnt from permuted labels" in capsys.readouterr().err


def test_each_run_has_its_own_permutation(cohort_csv):
    """Seed and number of the run tell its labels, and nothing else does."""
    cohort = read_cohort(cohort_csv)
    digests = [permuted_for(cohort, seed, number, 3).digest for seed, number in ((0, 1), (0, 2), (1, 1), (0, 1))]

    assert 3 == len(set(digests))
    assert digests[0] == digests[3]


def test_a_control_that_learns_is_told():
    """Where permuted labels can be predicted, something leaks."""
    leaking = controlled([result(0.8), result(0.81), result(0.79)], None, synthetic=False)
    sound = controlled([result(0.4), result(0.6), result(0.52)], 0.9, synthetic=False)

    assert not leaking.contains_chance
    assert leaking.p_value is None
    assert sound.contains_chance
    assert 0.25 == sound.p_value
    assert Estimate(0.8, 0.775, 0.825) == Estimate(
        *(round(end, 3) for end in (leaking.auc.value, leaking.auc.lower, leaking.auc.upper))
    )


@pytest.mark.parametrize("options", [["--runs", "1"], ["--folds", "2"]])
def test_too_few_are_refused(tmp_path, capsys, options):
    """One run has no interval, two folds no validation part."""
    words = ["control", "--cases", str(tmp_path / "cases.csv"), "--network", "cnn", "--out", str(tmp_path / "out")]

    assert 2 == main([*words, *options])
    assert f"{options[0]} {options[1]}: " in capsys.readouterr().err


def test_against_must_be_a_cross_validation_of_the_same_cases(cohort_csv, tmp_path, capsys):
    """A folder without predictions, and one of another table, are refused before anything is trained."""
    words = ["control", "--cases", str(cohort_csv), "--out", str(tmp_path / "out"), *SHORT, "--against"]

    assert 2 == main([*words, str(tmp_path)])
    assert "holds no finished cross-validation" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
