"""What belongs to another training says nothing of a run."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from imaging.roc import Estimate
from tests.training.fitted import answers
from tests.training.release.folders import (
    write_audit,
    write_baselines,
    write_control,
    write_crossval,
    write_evidence,
)
from tests.training.test_permutation import cohort_of
from training.cases import read_cohort
from training.config import Purpose
from training.control import permuted_for
from training.errors import InvalidRun
from training.evaluation import evaluated
from training.release.inputs import read_audited, read_baselines, read_control, read_out_of_fold, read_shown
from training.run import Run

SURE = Estimate(0.9, 0.85, 0.95)


@pytest.fixture
def run(fitted):
    """A finished run."""
    return Run.open(fitted)


@pytest.fixture
def cohort(run):
    """What it learnt from."""
    return read_cohort(Path(run.config.cases))


def test_cross_validation_is_read_as_it_was_written(fitted, run, tmp_path):
    """Chief numbers, calibration, groups and the range of the repeats."""
    found = read_out_of_fold(write_crossval(tmp_path / "cv", fitted), run)
    expected = evaluated(answers(fitted)[2], True)

    assert expected.auc == found.auc
    assert expected.auc_above_short_axis == found.above_short_axis
    assert found.slope.lower <= found.slope.value <= found.slope.upper
    assert any(group.name.startswith("slice spacing, ") for group in found.groups)
    assert 0.03 == pytest.approx(found.repeat_range)
    assert found.training_auc is None


def test_a_single_repeat_has_no_range(fitted, run, tmp_path):
    """Nothing is made up where nothing was repeated."""
    assert read_out_of_fold(write_crossval(tmp_path / "cv", fitted, repeats=False), run).repeat_range is None


@pytest.mark.parametrize(
    "choices",
    [{"cohort_digest": "other"}, {"labels_digest": "other"}, {"network": "cnn"}, {"purpose": Purpose.LEAK}],
)
def test_cross_validation_of_another_training_is_refused(fitted, run, tmp_path, choices):
    """Other cases, labels or choices, and a leak demonstrator: the difference is named."""
    folder = write_crossval(tmp_path / "cv", fitted, **choices)

    with pytest.raises(InvalidRun, match=f"its {next(iter(choices))} is"):
        read_out_of_fold(folder, run)


def test_folds_of_several_trainings_are_refused(fitted, run, tmp_path):
    """Where each fold was tuned, what they answered says nothing of one training, even if the first fold is like it."""
    folder = write_crossval(tmp_path / "cv", fitted)
    other = shutil.copytree(folder / "fold-1", folder / "fold-2")
    (other / "config.json").write_text(replace(run.config, learning_rate=0.5, seed=9).to_json())

    with pytest.raises(InvalidRun, match=r"learning_rate is 0\.001 in one fold and 0\.5 in another, as after --tune"):
        read_out_of_fold(folder, run)


def test_folds_may_have_their_own_seed_and_place(fitted, run, tmp_path):
    """Neither makes it another training."""
    assert read_out_of_fold(write_crossval(tmp_path / "cv", fitted, seed=9, cases="elsewhere.csv"), run).node_count


@pytest.mark.parametrize("seed", [0, 4])
def test_a_control_is_known_by_its_permutation(fitted, run, cohort, tmp_path, seed):
    """Its labels are the run's, permuted by its own seed."""
    assert Estimate(0.5, 0.45, 0.55) == read_control(write_control(tmp_path / "control", fitted, seed), run, cohort)


def test_a_control_is_permuted_again_for_as_many_folds(fitted, run, tmp_path):
    """Where a permutation was drawn again, as five folds asked for, it is known by the five folds."""
    small = cohort_of([[0]] * 30 + [[0, 0, 1, 1]] * 7 + [[0] * 4] * 3)
    digest = permuted_for(small, 0, 1, 5).digest
    folder = write_control(tmp_path / "control", fitted, cohort_digest=digest)

    assert digest != permuted_for(small, 0, 1, 1).digest
    with pytest.raises(InvalidRun, match="other cases or labels"):
        read_control(folder, run, small)
    for number in range(2, 6):
        shutil.copytree(folder / "run-1" / "fold-1", folder / "run-1" / f"fold-{number}")
    assert Estimate(0.5, 0.45, 0.55) == read_control(folder, run, small)


@pytest.mark.parametrize(
    ("choices", "message"), [({"cohort_digest": "other"}, "other cases or labels"), ({"batch_size": 99}, "batch_size")]
)
def test_a_control_of_another_training_is_refused(fitted, run, cohort, tmp_path, choices, message):
    """Other labels that were permuted, or other choices."""
    with pytest.raises(InvalidRun, match=message):
        read_control(write_control(tmp_path / "control", fitted, **choices), run, cohort)


def test_baselines_are_compared_on_the_same_nodes(fitted, run, cohort, tmp_path):
    """A baseline that answers as the network does is neither better nor worse."""
    crossval = write_crossval(tmp_path / "cv", fitted)
    found = read_baselines(write_baselines(tmp_path / "base", fitted), crossval, run, cohort)

    assert ("radiomics LR", Estimate(0.0, 0.0, 0.0)) == (found.best, found.above_best)
    assert {"short axis", "radiomics LR"} == found.aucs.keys()


def test_evidence_of_no_node_is_none(fitted, run, tmp_path):
    """Where all maps are empty there is no lift; what could be measured is read."""
    shown = read_shown(write_evidence(tmp_path / "evidence.json", fitted), run)

    assert (1.0, None, None) == (shown.empty_share, shown.lift, shown.above_fresh)
    assert (SURE, False) == (shown.above_elsewhere, shown.guided)


def test_an_audit_is_read(fitted, run, tmp_path):
    """Whether it can see, and how many labels it holds to be wrong."""
    found = read_audited(write_audit(tmp_path / "audit", fitted), run)

    assert (SURE, 0.05) == (found.auc, found.wrong.value)


def test_an_audit_of_partly_reviewed_labels_has_no_share(fitted, run, tmp_path):
    """Who can see is known; how many labels are wrong is not, unless all were reviewed."""
    partly = read_audited(write_audit(tmp_path / "partly", fitted, reviewed_count=19), run)
    wholly = read_audited(write_audit(tmp_path / "wholly", fitted, reviewed_count=20), run)

    assert (SURE, None) == (partly.auc, partly.wrong)
    assert 0.05 == wholly.wrong.value


def test_what_is_of_other_cases_is_refused(fitted, run, cohort, tmp_path):
    """Baselines and audits are known by the digest of the cases, evidence by that of the weights."""
    with pytest.raises(InvalidRun, match="other cases or labels"):
        read_audited(write_audit(tmp_path / "audit", fitted, cohort_digest="other"), run)
    with pytest.raises(InvalidRun, match="other cases or labels"):
        read_baselines(write_baselines(tmp_path / "base", fitted, cohort_digest="other"), tmp_path, run, cohort)
    with pytest.raises(InvalidRun, match="of another network"):
        read_shown(write_evidence(tmp_path / "evidence.json", fitted, network_digest="other"), run)


@pytest.mark.parametrize("text", ["{", "[]", "{}", json.dumps({"network_digest": None})])
def test_damaged_files_are_told(run, tmp_path, text):
    """What is no JSON, or lacks a field, is named with what to do."""
    path = tmp_path / "evidence.json"
    path.write_text(text)

    with pytest.raises(InvalidRun, match=r"is damaged, or older than this release|of another network"):
        read_shown(path, run)


def test_missing_files_are_told(run, tmp_path):
    """The command that writes them is named."""
    with pytest.raises(InvalidRun, match=r"has no evaluation\.json; run `nodelens-train crossval` first"):
        read_out_of_fold(tmp_path, run)
