import numpy as np
import pytest

from imaging.roc import auc
from tests.training.labels.panels import noisy_panel, write_predictions
from training.cases import read_cohort
from training.errors import InvalidCases, InvalidOptions
from training.labels.auditors import calibrated_out_of_fold, node_scores, read_panel


@pytest.fixture(scope="module")
def cohort(cohort_csv):
    """Twelve patients with one node each."""
    return read_cohort(cohort_csv)


@pytest.fixture
def scores(cohort):
    """Two unlike scores of its nodes."""
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=len(cohort.cases)) for name in ("logit", "volume")}


@pytest.fixture
def table(cohort, scores, tmp_path):
    """A table of both."""
    return write_predictions(tmp_path / "predictions.csv", cohort, **scores)


def test_columns_are_chosen_by_name(cohort, table, scores):
    """One table may hold several auditors; without a name the logit is read."""
    panel = read_panel(cohort, [f"cnn={table}", f"size={table}:volume"], 0)

    assert ["cnn", "size"] == [auditor.name for auditor in panel.auditors]
    assert scores["logit"].tolist() == panel.auditors[0].scores.tolist()
    assert scores["volume"].tolist() == panel.auditors[1].scores.tolist()
    assert (cohort.cases, 0) == (panel.cases, panel.left_out_count)


def test_one_column_is_read_by_the_place_of_the_node(cohort, table, scores):
    """The scores of a single model, as they stand in the table."""
    assert dict(enumerate(scores["volume"].tolist())) == node_scores(table, "volume", cohort)


def test_nodes_that_not_all_answered_are_left_out(cohort, table, tmp_path):
    """They are counted, not guessed."""
    short = tmp_path / "short.csv"
    short.write_text("".join(table.read_text().splitlines(keepends=True)[:-2]))

    panel = read_panel(cohort, [f"cnn={short}", f"size={table}:volume"], 0)

    assert (cohort.cases[:-2], 2) == (panel.cases, panel.left_out_count)


def test_a_node_answered_twice_has_the_mean(cohort, table, scores, tmp_path):
    """Repeated cross-validation answers each node several times."""
    again = write_predictions(tmp_path / "again.csv", cohort, logit=scores["logit"] + 1)
    both = tmp_path / "both.csv"
    both.write_text(table.read_text() + "".join(f"{line},0\n" for line in again.read_text().splitlines()[1:]))

    panel = read_panel(cohort, [f"cnn={both}", f"size={table}:volume"], 0)

    assert panel.auditors[0].scores == pytest.approx(scores["logit"] + 0.5)


def test_probabilities_are_calibrated_on_other_patients():
    """A score on any scale becomes a probability: right on average, in the order of the score, and out of fold."""
    panel, _ = noisy_panel(count=600)
    scores = 1000 + 50 * panel.auditors[0].scores

    probabilities = calibrated_out_of_fold(panel.cases, scores, 0)

    assert probabilities.mean() == pytest.approx(panel.labels.mean(), abs=0.02)
    assert np.abs(probabilities - panel.auditors[0].probabilities).mean() < 0.05
    assert auc(panel.labels, probabilities) == pytest.approx(auc(panel.labels, scores), abs=0.01)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["cnn={table}"], "needs the predictions of 2 unlike models"),
        (["cnn={table}", "{table}"], "must be NAME=FILE or NAME=FILE:COLUMN"),
        (["cnn={table}", "cnn={table}:volume"], "each NAME once"),
        (["cnn={table}", "other={table}:logit"], "cnn and other rank the nodes alike"),
    ],
)
def test_an_audit_needs_unlike_models(cohort, table, words, message):
    """One model cannot confirm itself."""
    with pytest.raises(InvalidOptions, match=message):
        read_panel(cohort, [each.format(table=table) for each in words], 0)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("p0,ct-0.nii.gz,1,0", "p0,ct-0.nii.gz,1,1", "row 2: the node's label is another"),
        ("p0,ct-0.nii.gz,1,0", "p0,ct-9.nii.gz,1,0", "row 2: no such node"),
        ("p1,ct-1.nii.gz,1,1,", "p1,ct-1.nii.gz,1,1,nan,", "row 3: 'nan' is no score"),
        ("p1,ct-1.nii.gz,1,1,", "p1,ct-1.nii.gz,1,1,high,", "row 3: 'high' is no score"),
        ("patient", "person", "has no column 'patient'"),
        ("logit", "score", "has no column 'logit'"),
    ],
)
def test_predictions_of_something_else_are_refused(cohort, table, old, new, message):
    """The message names the row or the column."""
    spoilt = table.with_name("spoilt.csv")
    spoilt.write_text(table.read_text().replace(old, new))

    with pytest.raises(InvalidCases, match=message):
        read_panel(cohort, [f"cnn={spoilt}", f"size={table}:volume"], 0)


def test_a_missing_table_is_refused(cohort, table):
    """A wrong path is said to be one."""
    with pytest.raises(InvalidCases, match="no such file"):
        read_panel(cohort, [f"cnn={table}", "size=elsewhere.csv"], 0)
