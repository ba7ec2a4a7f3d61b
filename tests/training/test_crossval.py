"""The command nodelens-train crossval."""

import json
from collections import Counter

import pytest

from imaging.ledger import append
from imaging.review import Verdict
from tests.imaging.reviews import review
from tests.training.cohorts import read_table, write_cohort
from tests.training.fitted import OPTIONS
from training.cases import read_cohort
from training.labels.relabelled import labelled_cohort, node_of
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


def test_several_networks_are_what_each_would_be_alone(tmp_path, capsys):
    """Each has a folder of its name, with the weights and answers of a command of its own, byte by byte."""
    table = write_cohort(tmp_path / "cohort", patient_count=12)
    words = ["crossval", "--cases", str(table), "--folds", "3", *ONCE, "--network"]
    assert 0 == main([*words, "cnn", "cnn-gap", "--out", str(tmp_path / "both")])
    both = capsys.readouterr().out
    assert 0 == main([*words, "cnn-gap", "--out", str(tmp_path / "alone")])

    names = ["predictions.csv", "crossval.json", "fold-2/best.pt", "fold-2/config.json"]
    assert [(tmp_path / "both" / "cnn-gap" / name).read_bytes() for name in names] == [
        (tmp_path / "alone" / name).read_bytes() for name in names
    ]
    assert both.endswith(capsys.readouterr().out)
    assert "| cnn, all folds | 12 |" in both
    assert ["cnn", "cnn-gap"] == sorted(path.name for path in (tmp_path / "both").iterdir())


def test_labels_are_those_of_a_ledger(tmp_path, capsys):
    """Folds, answers and runs are about the labels of the revision; going on with other labels is refused."""
    table = write_cohort(tmp_path / "cohort", patient_count=12)
    cohort, ledger, out = read_cohort(table), tmp_path / "ledger.jsonl", tmp_path / "cv"
    first, second = (node_of(cohort, cohort.cases[n]) for n in (0, 2))
    append(ledger, [review("1", Verdict.METASTATIC, node=first, old_label=0)])
    words = ["crossval", "--cases", str(table), "--network", "cnn-gap", "--folds", "3", "--out", str(out), *ONCE]
    assert 0 == main([*words, "--labels", f"{ledger}@1"])

    labels = {row["patient"]: row["label"] for row in read_table(out / "predictions.csv")}
    assert ("1", "0") == (labels["p0"], labels["p2"])
    config = Run.open(out / "fold-1").config
    assert labelled_cohort(table, f"{ledger}@1").digest == config.cohort_digest != cohort.digest
    append(ledger, [review("2", Verdict.METASTATIC, node=second, old_label=0)])
    capsys.readouterr()
    assert 2 == main([*words, "--labels", str(ledger)])
    assert "was started with" in capsys.readouterr().err


def test_another_number_of_folds_in_the_same_folder_is_refused(tmp_path, capsys):
    """Networks of other folds have seen what is to be tested."""
    table = write_cohort(tmp_path / "cohort", patient_count=12)
    words = ["crossval", "--cases", str(table), "--network", "cnn-gap", "--out", str(tmp_path / "cv"), *ONCE]
    assert 0 == main([*words, "--folds", "3"])

    assert 2 == main([*words, "--folds", "4"])
    assert "was started with another split" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options", [["--inner", "0"], ["--repeats", "0"], ["--split", "slice", "--inner", "2"], ["--network", "cnn", "cnn"]]
)
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
