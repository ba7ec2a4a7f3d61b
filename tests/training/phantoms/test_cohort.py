"""A cohort of phantoms on disk."""

import json

import pytest

from tests.training.cohorts import read_table
from training.cases import read_cohort
from training.errors import InvalidOptions
from training.phantoms.cohort import write_cohort


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small cohort."""
    out = tmp_path_factory.mktemp("phantoms") / "cohort"
    write_cohort(out, 10, 3)
    return out


def test_the_cohort_reads_back(folder):
    """Its table is one of cases, marked as synthetic; the truth stands beside it, row by row."""
    cohort, truth = read_cohort(folder / "cases.csv"), read_table(folder / "latents.csv")

    assert cohort.synthetic
    assert 10 == len({case.patient for case in cohort.cases})
    assert [(case.patient, str(case.node)) for case in cohort.cases] == [(row["patient"], row["node"]) for row in truth]
    assert [bool(case.label) for case in cohort.cases] == [row["metastatic"] == "True" for row in truth]


def test_the_ceiling_is_told(folder):
    """cohort.json has the ideal observer's AUC, in theory and on these nodes."""
    facts = json.loads((folder / "cohort.json").read_text())

    assert facts["synthetic"] is True
    assert 0.88 < facts["ideal_auc"] < 0.92
    assert 0.5 < facts["ideal_auc_here"] <= 1


def test_nothing_is_overwritten_and_nothing_left_behind(folder):
    """An existing folder and too few patients are refused, and leave no draft."""
    with pytest.raises(InvalidOptions, match="exists; choose another folder"):
        write_cohort(folder, 10, 3)
    with pytest.raises(InvalidOptions, match="at least 10"):
        write_cohort(folder.parent / "few", 9, 3)
    assert [folder] == list(folder.parent.iterdir())
