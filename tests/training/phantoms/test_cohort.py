"""A cohort of phantoms on disk."""

import json

import pytest

from tests.training.cohorts import read_table
from training.cases import read_cohort
from training.errors import InvalidOptions
from training.phantoms.cohort import write_cohort
from training.phantoms.label_noise import LabelNoise
from training.phantoms.presets import LITERATURE
from training.phantoms.shortcuts import Shortcut

NOISE, SHORTCUT = LabelNoise.parse("boundary:0.3"), Shortcut.parse("marker:0.9")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small cohort."""
    out = tmp_path_factory.mktemp("phantoms") / "cohort"
    write_cohort(out, 10, 3)
    return out


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    """The same patients and one more, with wrong labels and a shortcut."""
    out = tmp_path_factory.mktemp("spoilt") / "cohort"
    write_cohort(out, 11, 3, LITERATURE, SHORTCUT, NOISE)
    return out


def test_the_cohort_reads_back(folder):
    """Its table is one of cases, marked as synthetic; the truth stands beside it, row by row."""
    cohort, truth = read_cohort(folder / "cases.csv"), read_table(folder / "latents.csv")

    assert cohort.synthetic
    assert 10 == len({case.patient for case in cohort.cases})
    assert [(case.patient, str(case.node)) for case in cohort.cases] == [(row["patient"], row["node"]) for row in truth]
    assert [bool(case.label) for case in cohort.cases] == [row["metastatic"] == "True" for row in truth]


def test_the_ceiling_is_told(folder):
    """cohort.json has the preset, and the ideal observer's AUC in theory and on these nodes."""
    facts = json.loads((folder / "cohort.json").read_text())

    assert facts["synthetic"] is True
    assert "literature" == facts["preset"]
    assert 0.89 < facts["ideal_auc"] < 0.91
    assert 0.5 < facts["ideal_auc_here"] <= 1
    assert facts["label_noise"] is facts["shortcut"] is None
    assert {"latents": "latents.csv", "labels": "truth.csv"} == facts["ledgers"]


def test_wrong_labels_are_in_the_ledger(spoilt):
    """cases.csv has the given labels, truth.csv both and whether they differ, cohort.json how many do."""
    facts = json.loads((spoilt / "cohort.json").read_text())
    cases, truth = read_table(spoilt / "cases.csv"), read_table(spoilt / "truth.csv")
    latents = read_table(spoilt / "latents.csv")

    assert [row["label"] for row in cases] == [row["label_given"] for row in truth]
    assert [row["metastatic"] == "True" for row in latents] == [row["label_true"] == "1" for row in truth]
    assert all((row["flipped"] == "1") == (row["label_true"] != row["label_given"]) for row in truth)
    assert 0 < sum(row["flipped"] == "1" for row in truth) == facts["flipped_labels"]
    assert "boundary:0.3" == facts["label_noise"]


def test_cues_are_in_the_ledger(spoilt):
    """shortcuts.csv says which nodes show the cue, and whether that agrees with the true label."""
    facts, cues = json.loads((spoilt / "cohort.json").read_text()), read_table(spoilt / "shortcuts.csv")

    assert "marker:0.9" == facts["shortcut"]
    assert "shortcuts.csv" == facts["ledgers"]["shortcut"]
    assert all((row["agrees"] == "1") == (row["cue"] == row["label_true"]) for row in cues)
    assert {"0", "1"} == {row["cue"] for row in cues}


def test_a_longer_cohort_goes_on(folder, spoilt):
    """The first patients of a longer cohort are the shorter one's; wrong labels and cues leave the truth as it is."""
    short, long = read_table(folder / "latents.csv"), read_table(spoilt / "latents.csv")

    assert short == long[: len(short)]
    assert len(short) < len(long)
    assert (folder / "masks/p0001.nii.gz").read_bytes() == (spoilt / "masks/p0001.nii.gz").read_bytes()


def test_equal_seeds_make_equal_cohorts(spoilt, tmp_path):
    """File by file; a shorter cohort has the same first rows in every table."""
    write_cohort(tmp_path / "again", 10, 3, LITERATURE, SHORTCUT, NOISE)

    for image in (tmp_path / "again").rglob("*.nii.gz"):
        assert image.read_bytes() == (spoilt / image.relative_to(tmp_path / "again")).read_bytes()
    for table in (tmp_path / "again").glob("*.csv"):
        rows = read_table(table)
        assert rows == read_table(spoilt / table.name)[: len(rows)]


def test_nothing_is_overwritten_and_nothing_left_behind(folder):
    """An existing folder and too few patients are refused, and leave no draft."""
    with pytest.raises(InvalidOptions, match="exists; choose another folder"):
        write_cohort(folder, 10, 3)
    with pytest.raises(InvalidOptions, match="at least 10"):
        write_cohort(folder.parent / "few", 9, 3)
    assert [folder] == list(folder.parent.iterdir())
