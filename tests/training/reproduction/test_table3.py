import pytest

from tests.training.cohorts import write_cohort
from tests.training.reproduction.reproduced import MACHINE
from tests.training.reproduction.small import SETTINGS
from training.cases import read_cohort
from training.config import Purpose
from training.errors import InvalidCases
from training.reproduction.cohort import LabelledCohort
from training.reproduction.law import observed_auc
from training.reproduction.table3 import row_of, run_experiment
from training.run import Run

[EXPERIMENT] = SETTINGS.experiments


@pytest.fixture(scope="module")
def ellipsoids(tmp_path_factory):
    """Twenty nodes, of which two of each class are labelled wrong."""
    truth = read_cohort(write_cohort(tmp_path_factory.mktemp("cohort"), patient_count=20))
    labels = [1 - case.label if n in (0, 1, 8, 9) else case.label for n, case in enumerate(truth.cases)]
    return LabelledCohort(truth.with_labels(labels), truth)


def test_the_split_is_the_paper_s(ellipsoids, tmp_path):
    """One slice of each node, eight tenths to learn from and one to test on; all epochs are done; no model is made."""
    answers = run_experiment(EXPERIMENT, ellipsoids, tmp_path / "run", MACHINE)

    run = Run.open(tmp_path / "run")
    assert (16, 2, 2) == tuple(map(len, (run.split.training, run.split.validation, run.split.test)))
    assert (0,) == run.config.spec.slice_offsets
    assert Purpose.LEAK is run.config.purpose
    assert EXPERIMENT.training.epoch_count == len(run.history())
    assert list(run.split.test) == answers["rows"]
    assert 0 <= answers["training_accuracy"] <= 1


def test_a_finished_training_is_not_done_again(ellipsoids, tmp_path):
    """The second time, the same answers come from the weights that are there."""
    first = run_experiment(EXPERIMENT, ellipsoids, tmp_path / "run", MACHINE)
    before = (tmp_path / "run" / "checkpoint.pt").stat().st_mtime_ns

    assert first == run_experiment(EXPERIMENT, ellipsoids, tmp_path / "run", MACHINE)
    assert before == (tmp_path / "run" / "checkpoint.pt").stat().st_mtime_ns


def test_a_row_has_both_auc_and_what_the_law_makes_of_them(ellipsoids):
    """Perfect answers on the true labels are imperfect on the given ones, by about as much as the law says."""
    answers = {"training_accuracy": 0.99, "rows": list(range(20)), "logits": ellipsoids.labels.tolist()}

    row = row_of(EXPERIMENT, ellipsoids, answers)

    assert (EXPERIMENT.name, 0.63, 0.99, 0.99, 20) == (
        row.name,
        row.paper_auc,
        row.paper_training_accuracy,
        row.training_accuracy,
        row.slice_count,
    )
    assert 1.0 == row.true_auc.value
    assert ellipsoids.wrong_share(ellipsoids.given) == row.wrong_share
    assert observed_auc(1.0, row.wrong_share) == row.predicted_auc
    assert pytest.approx(row.predicted_auc, abs=0.05) == row.given_auc.value
    assert EXPERIMENT.training.deviations() == row.deviations


def test_too_few_slices_are_refused(ellipsoids, tmp_path):
    """Each tenth needs both classes; the message says what to do."""
    mostly_metastatic = ellipsoids.given.with_labels([0] * 9 + [1] * 11)

    with pytest.raises(InvalidCases, match=r"only 9 slice\(s\) are called benign; .* use more --patients"):
        run_experiment(EXPERIMENT, LabelledCohort(mostly_metastatic, ellipsoids.truth), tmp_path / "run", MACHINE)
