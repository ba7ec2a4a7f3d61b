"""The command nodelens-train crossval."""

import json
from collections import Counter

import pytest

from tests.training.cohorts import read_table, write_cohort
from tests.training.fitted import OPTIONS
from training.main import main
from training.run import Run

ONCE = [*OPTIONS[:-1], "1"]
"""One epoch."""


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


def test_inner_networks_answer_together(tmp_path, capsys):
    """Nested and repeated: each fold has a network for each inner part, and each node an answer in every repeat."""
    table = write_cohort(tmp_path / "cohort", patient_count=12)
    out = tmp_path / "cv"
    words = ["crossval", "--cases", str(table), "--network", "cnn-gap", "--folds", "3", "--out", str(out), *ONCE]
    assert 0 == main([*words, "--inner", "2", "--repeats", "2"])
    results = json.loads((out / "crossval.json").read_text())
    rows = read_table(out / "predictions.csv")

    assert 12 == len(list(out.glob("**/inner-*/best.pt")))
    answered = Counter((row["patient"], row["repeat"]) for row in rows)
    assert {(f"p{n}", repeat): 1 for n in range(12) for repeat in "12"} == answered
    assert {"1", "2", "3"} == {row["fold"] for row in rows}
    assert 12 == results["cnn-gap, all folds"]["node_count"]
    assert {"mean", "sd", "lowest", "highest"} == set(results["AUC over repeats"])
    assert "AUC of 2 repeats" in capsys.readouterr().out
    assert "AUC of the 2 repeats" in (out / "crossval.html").read_text()


def test_another_number_of_folds_in_the_same_folder_is_refused(tmp_path, capsys):
    """Networks of other folds have seen what is to be tested."""
    table = write_cohort(tmp_path / "cohort", patient_count=12)
    words = ["crossval", "--cases", str(table), "--network", "cnn-gap", "--out", str(tmp_path / "cv"), *ONCE]
    assert 0 == main([*words, "--folds", "3"])

    assert 2 == main([*words, "--folds", "4"])
    assert "was started with another split" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--inner", "0"], ["--repeats", "0"], ["--split", "slice", "--inner", "2"]])
def test_impossible_schemes_are_refused(tmp_path, capsys, options):
    """What cannot be divided, or compared, is said before anything is read."""
    words = ["crossval", "--cases", str(tmp_path / "cases.csv"), "--network", "cnn", "--out", str(tmp_path / "cv")]

    assert 2 == main([*words, *options])
    assert options[0] in capsys.readouterr().err


@pytest.mark.parametrize("folds", ["-1", "1", "2"])
def test_too_few_folds_are_refused(tmp_path, capsys, folds):
    """Each fold is a test part while another validates and the rest teaches: that takes three."""
    words = ["crossval", "--cases", str(tmp_path / "cases.csv"), "--network", "cnn", "--out", str(tmp_path / "cv")]

    assert 2 == main([*words, "--folds", folds])
    assert f"--folds {folds}: " in capsys.readouterr().err
    assert not (tmp_path / "cv").exists()
