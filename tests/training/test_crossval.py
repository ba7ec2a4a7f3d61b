"""The command nodelens-train crossval."""

import json

import pytest

from tests.training.cohorts import read_table, write_cohort
from tests.training.fitted import OPTIONS
from training.main import main
from training.run import Run


def test_every_patient_is_tested_once(tmp_path, capsys):
    """Pooled predictions hold each node once, by a network that never saw its patient; finished folds are kept."""
    table = write_cohort(tmp_path / "cohort", patient_count=12)
    words = ["crossval", "--cases", str(table), "--network", "cnn-gap", "--folds", "3", "--out", str(tmp_path / "cv")]
    assert 0 == main([*words, *OPTIONS])
    shown = capsys.readouterr().out
    first = [(tmp_path / "cv" / f"fold-{n}" / "best.pt").stat().st_mtime_ns for n in (1, 2, 3)]
    results = json.loads((tmp_path / "cv" / "crossval.json").read_text())
    pooled = read_table(tmp_path / "cv" / "predictions.csv")

    assert sorted(row["patient"] for row in read_table(table)) == sorted(row["patient"] for row in pooled)
    tested = [set(Run.open(tmp_path / "cv" / f"fold-{n}").split.test) for n in (1, 2, 3)]
    assert set(range(12)) == set.union(*tested)
    assert 12 == sum(map(len, tested))
    assert ["fold 1", "fold 2", "fold 3", "cnn-gap, all folds"] == list(results)
    assert "Mean AUC of the folds" in shown
    page = json.loads((tmp_path / "cv" / "evaluation.json").read_text())
    assert ["fold 1", "fold 2", "fold 3"] == list(page["gaps"])
    assert results["cnn-gap, all folds"].items() <= page.items()
    assert "SYNTHETIC" in shown

    assert 0 == main([*words, *OPTIONS])
    assert first == [(tmp_path / "cv" / f"fold-{n}" / "best.pt").stat().st_mtime_ns for n in (1, 2, 3)]
    assert results == json.loads((tmp_path / "cv" / "crossval.json").read_text())


@pytest.mark.parametrize("folds", ["-1", "1", "2"])
def test_too_few_folds_are_refused(tmp_path, capsys, folds):
    """Each fold is a test part while another validates and the rest teaches: that takes three."""
    words = ["crossval", "--cases", str(tmp_path / "cases.csv"), "--network", "cnn", "--out", str(tmp_path / "cv")]

    assert 2 == main([*words, "--folds", folds])
    assert f"--folds {folds}: " in capsys.readouterr().err
    assert not (tmp_path / "cv").exists()
