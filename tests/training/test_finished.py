"""Folders that other commands finished."""

import shutil
from dataclasses import replace

import pytest

from imaging.file_digest import file_digest
from tests.training.cohorts import read_table
from tests.training.release.folders import write_baselines, write_crossval
from training.config import Purpose
from training.errors import InvalidCases, InvalidRun
from training.finished import first_run, read_finished
from training.run import Run


def test_a_network_is_read_with_its_choices(fitted, tmp_path):
    """Each node has a score and its label; what the trainings were told is said in words."""
    folder = write_crossval(tmp_path / "cv", fitted)
    rows = read_table(folder / "predictions.csv")

    found = read_finished(str(folder))

    assert ("cv", True, Run.open(fitted).config.cohort_digest) == (found.name, found.synthetic, found.cohort_digest)
    node = (rows[0]["patient"], rows[0]["image"], rows[0]["node"])
    assert len(rows) == len(found.labels) == len(found.scores["cv"])
    assert (int(rows[0]["label"]), float(rows[0]["logit"])) == (found.labels[node], found.scores["cv"][node])
    assert file_digest(folder / "predictions.csv") == found.digest
    assert {"network": "cnn-gap", "input in pixels": "32 × 32", "trainings": "1"}.items() <= found.choices.items()


def test_choices_that_differ_are_all_said(fitted, tmp_path):
    """Where folds were told otherwise, the values stand side by side."""
    folder = write_crossval(tmp_path / "cv", fitted)
    other = shutil.copytree(folder / "fold-1", folder / "fold-2")
    (other / "config.json").write_text(replace(Run.open(other).config, learning_rate=0.5).to_json())

    found = read_finished(f"other={folder}")

    assert ("2", "0.001, 0.5", "cnn-gap") == tuple(
        found.choices[choice] for choice in ("trainings", "learning rate", "network")
    )
    assert ["other"] == list(found.scores)


def test_a_path_may_have_an_equals_sign(fitted, tmp_path):
    """It is no name where it is a folder, and the first one parts name and path."""
    folder = write_crossval(tmp_path / "lr=0.1" / "a=b", fitted)

    assert "a=b" == read_finished(str(folder)).name
    assert "mine" == read_finished(f"mine={folder}").name


def test_repeated_answers_are_averaged(fitted, tmp_path):
    """A node that was answered twice has the mean score."""
    folder = write_crossval(tmp_path / "cv", fitted)
    before = read_finished(str(folder)).scores["cv"]
    table = folder / "predictions.csv"
    head, *lines = table.read_text().splitlines()
    patient, image, node, label, score, *more = lines[0].split(",")
    again = ",".join([patient, image, node, label, str(float(score) + 1), *more])
    table.write_text("\n".join([head, *lines, again]) + "\n")

    after = read_finished(str(folder)).scores["cv"]

    assert before[patient, image, node] + 0.5 == pytest.approx(after[patient, image, node])


def test_baselines_have_a_score_for_each_name(fitted, tmp_path):
    """All baselines of a folder are read, and no choices of a training."""
    found = read_finished(str(write_baselines(tmp_path / "base", fitted)))

    assert ["short axis", "radiomics LR"] == list(found.scores)
    assert found.choices is None


def test_what_is_not_finished_is_refused(fitted, tmp_path):
    """An empty folder, a control and damaged numbers are refused, and it is said what to do."""
    with pytest.raises(InvalidRun, match="no finished cross-validation and no baselines"):
        read_finished(str(tmp_path))
    control = write_crossval(tmp_path / "control", fitted, purpose=Purpose.CONTROL)
    with pytest.raises(InvalidRun, match="learnt from permuted labels"):
        read_finished(str(control))
    base = write_baselines(tmp_path / "base", fitted)
    (base / "baselines.json").write_text("{}")
    with pytest.raises(InvalidRun, match="is damaged"):
        read_finished(str(base))


def test_a_node_of_two_labels_is_refused(fitted, tmp_path):
    """A table that contradicts itself is damaged, and the row is named."""
    folder = write_crossval(tmp_path / "cv", fitted)
    table = folder / "predictions.csv"
    head, first, *_ = table.read_text().splitlines()
    patient, image, node, label, *more = first.split(",")
    table.write_text("\n".join([head, first, ",".join([patient, image, node, str(1 - int(label)), *more])]) + "\n")

    with pytest.raises(InvalidCases, match=r"predictions\.csv, row 3: .* another than in an earlier row"):
        read_finished(str(folder))


def test_the_first_run_tells_of_all(fitted, tmp_path):
    """With inner networks the first of them is it, else the fold itself."""
    folder = write_crossval(tmp_path / "cv", fitted)
    assert folder / "fold-1" == first_run(folder).folder

    shutil.copytree(folder / "fold-1", folder / "fold-1" / "inner-1")
    assert folder / "fold-1" / "inner-1" == first_run(folder).folder
