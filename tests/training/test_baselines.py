"""The command nodelens-train baselines."""

import json

import numpy as np
import pytest

from imaging.ledger import append
from imaging.review import Verdict
from imaging.roc import Estimate, auc
from tests.imaging.reviews import review
from tests.training.cohorts import read_table, write_cohort
from training.baselines import BaselineResult, measured, table_of
from training.cases import read_cohort
from training.labels.relabelled import node_of
from training.main import main
from training.radiomics.baselines import BASELINES, SHORT_AXIS
from training.radiomics.features import CODES


@pytest.fixture(scope="module")
def measured_folder(tmp_path_factory):
    """What the command writes about a cohort of bright and dark phantoms."""
    folder = tmp_path_factory.mktemp("baselines")
    table = write_cohort(folder / "cohort", patient_count=24)
    words = ["baselines", "--cases", str(table), "--folds", "3", "--out", str(folder / "out")]
    assert 0 == main([*words, "--cache", str(folder / "cache")])
    return folder


def test_radiomics_see_what_size_does_not(measured_folder):
    """On phantoms that differ in brightness alone, radiomics are nearly perfect and the short axis is not."""
    rows = read_table(measured_folder / "out" / "predictions.csv")
    labels = [int(row["label"]) for row in rows]
    areas = {name: auc(labels, [float(row[name]) for row in rows]) for name in (SHORT_AXIS, *BASELINES)}

    assert areas["radiomics LR"] > 0.9 > areas[SHORT_AXIS]
    cases = read_cohort(measured_folder / "cohort" / "cases.csv").cases
    assert [(case.patient, str(case.label)) for case in cases] == [(row["patient"], row["label"]) for row in rows]


def test_results_name_every_baseline_and_feature(measured_folder):
    """The JSON holds all numbers of the page; the page shows what it is about, and says SYNTHETIC of phantoms."""
    results = json.loads((measured_folder / "out" / "baselines.json").read_text())
    page = (measured_folder / "out" / "baselines.html").read_text()

    assert [SHORT_AXIS, *BASELINES] == list(results["baselines"])
    assert list(CODES) == list(results["features"])
    assert (24, 0, True) == (results["nodes"], results["nodes_beyond_ct"], results["synthetic"])
    assert all(f"<td>{name}</td>" in page for name in (*results["baselines"], *CODES))
    assert "SYNTHETIC phantoms" in page


def test_reviewed_labels_may_count_for_more(measured_folder, tmp_path, capsys):
    """Classifiers that trust a ledger answer otherwise; the short axis, which learns nothing, does not."""
    cohort = read_cohort(measured_folder / "cohort" / "cases.csv")
    ledger, out = tmp_path / "labels.jsonl", tmp_path / "out"
    nodes = [node_of(cohort, case) for case in cohort.cases[::2]]
    append(ledger, [review(str(n), list(Verdict)[n % 2], node=node) for n, node in enumerate(nodes)])
    words = ["baselines", "--cases", str(cohort.table), "--folds", "3", "--cache", str(measured_folder / "cache")]
    words += ["--unreviewed-noise", "0.4"]

    assert 2 == main([*words, "--out", str(tmp_path / "none")])
    assert "goes with --labels" in capsys.readouterr().err
    assert 0 == main([*words, "--labels", f"{ledger}@12", "--out", str(out)])
    assert 0 == main([*words, "--labels", f"{ledger}@12", "--out", str(tmp_path / "even"), "--unreviewed-noise", "0"])

    trusting, even = (read_table(folder / "predictions.csv") for folder in (out, tmp_path / "even"))
    assert [row[SHORT_AXIS] for row in trusting] == [row[SHORT_AXIS] for row in even]
    assert [row["radiomics LR"] for row in trusting] != [row["radiomics LR"] for row in even]
    assert 0.4 == json.loads((out / "baselines.json").read_text())["unreviewed_noise"]


def test_a_noise_that_cannot_be_is_refused_at_once(tmp_path, capsys):
    """Nothing is read for it, not even the cases."""
    words = ["baselines", "--cases", str(tmp_path / "cases.csv"), "--labels", "labels.jsonl", "--out", str(tmp_path)]

    assert 2 == main([*words, "--unreviewed-noise", "0.9"])
    assert "--unreviewed-noise 0.9: must be from 0 to 0.5" in capsys.readouterr().err


def test_the_short_axis_is_the_bar():
    """Scores are compared with the short axis in pairs: with itself it is exactly even."""
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 2
    scores = {SHORT_AXIS: rng.normal(size=60), "better": labels + rng.normal(0, 0.3, 60)}
    results = measured(labels, scores, [f"p{n}" for n in range(60)])

    assert Estimate(0.0, 0.0, 0.0) == results[SHORT_AXIS].above_short_axis
    assert results["better"].above_short_axis.lower > 0
    assert auc(labels, scores["better"]) == results["better"].auc.value


def test_the_table_has_a_row_for_each_baseline():
    """AUC and difference stand with their intervals."""
    result = BaselineResult(Estimate(0.8, 0.7, 0.9), Estimate(0.1, -0.1, 0.2))

    assert "| radiomics RF | 0.800 (0.700 to 0.900) | 0.100 (-0.100 to 0.200) |" in table_of({"radiomics RF": result})


def test_too_few_folds_are_refused(tmp_path, capsys):
    """One fold leaves nobody to learn from."""
    words = ["baselines", "--cases", str(tmp_path / "cases.csv"), "--out", str(tmp_path / "out")]

    assert 2 == main([*words, "--folds", "1"])
    assert "--folds 1: " in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
