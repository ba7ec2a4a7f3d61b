import shutil

import numpy as np
import pytest

from imaging.ledger import read_ledger
from tests.training.cohorts import write_cohort
from tests.training.reproduction.small import SETTINGS
from training.cases import read_cohort
from training.labels.auditors import panel_of
from training.labels.noise import label_qualities
from training.reproduction.cohort import LabelledCohort
from training.reproduction.review import Arm, Folder, choices_of, reviewed

COUNT = 20
SIZE = 10


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Twenty nodes, of which two of each class are labelled wrong."""
    truth = read_cohort(write_cohort(tmp_path_factory.mktemp("cohort"), patient_count=COUNT))
    labels = [1 - case.label if n in (0, 1, 8, 9) else case.label for n, case in enumerate(truth.cases)]
    return LabelledCohort(truth.with_labels(labels), truth)


@pytest.fixture(scope="module")
def panel(cohort):
    """Two auditors who know the truth fairly well."""
    rng = np.random.default_rng(0)
    scores = {name: 3.0 * cohort.labels + rng.normal(size=COUNT) for name in ("one", "other")}
    return panel_of(cohort.given.cases, scores, 0)


def least_credible(panel, nodes, count):
    """The nodes among these whose labels the panel doubts most."""
    qualities = label_qualities(panel.labels, panel.probabilities)
    return set(sorted(nodes, key=lambda node: qualities[node])[:count])


@pytest.fixture(scope="module")
def first(cohort, panel, tmp_path_factory):
    """The folder and the result of a guided turn; not to be changed."""
    folder = tmp_path_factory.mktemp("guided")
    return folder, reviewed(cohort, panel, Folder(folder, 0), Arm.GUIDED, SIZE, SETTINGS)


def test_the_guided_arm_reviews_what_the_audit_ranks(panel, first):
    """But for the controls, it asks about the least credible labels, without a gap; the wrong ones are among them."""
    _, turn = first

    assert SIZE == turn["revision"] == len(set(turn["nodes"]))
    assert least_credible(panel, range(COUNT), len(turn["ranked"])) == set(turn["ranked"]) <= set(turn["nodes"])
    assert SIZE - round(SETTINGS.control_share * SIZE) <= len(turn["ranked"])
    assert {0, 1, 8, 9} <= set(turn["nodes"])


def test_the_random_arm_asks_at_random(cohort, panel, tmp_path):
    """It is the worklist that has nothing but controls."""
    choices = choices_of(panel, cohort.given, Folder(tmp_path, 0), SIZE, Arm.RANDOM.control_share(SETTINGS), 0)

    assert SIZE == len(choices)
    assert all(each.control for each in choices)


def test_answers_become_labels(cohort, first):
    """The ledger at the turn's revision gives the cohort the reader's labels, most of which are right."""
    folder, turn = first

    labelled = Folder(folder, turn["revision"]).labelled(cohort.given)

    assert cohort.wrong_share(labelled) < cohort.wrong_share(cohort.given)
    changed = [n for n, case in enumerate(labelled.cases) if case.label != cohort.given.cases[n].label]
    assert set(changed) <= set(turn["nodes"])
    assert f"@{SIZE}" == labelled.labels[-len(f"@{SIZE}") :]


def test_nobody_is_asked_twice(cohort, panel, first, tmp_path):
    """The second worklist is of other nodes than the first."""
    folder, turn = first
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)

    second = reviewed(cohort, panel, Folder(tmp_path, turn["revision"]), Arm.RANDOM, COUNT - SIZE, SETTINGS)

    assert set(range(COUNT)) == set(turn["nodes"]) | set(second["nodes"])
    assert 2 * SIZE == second["revision"]


def test_a_turn_that_was_killed_is_repeated_without_harm(cohort, panel, first, tmp_path):
    """The same nodes are asked about, and the answers that were stored already are not stored again."""
    folder, turn = first
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)

    again = reviewed(cohort, panel, Folder(tmp_path, 0), Arm.GUIDED, SIZE, SETTINGS)

    assert turn == again
    assert SIZE == read_ledger(Folder(tmp_path, 0).ledger).revision


def test_what_was_reviewed_is_trusted(cohort, first):
    """Reviewed labels count in full, the others by what is known of their noise."""
    folder, turn = first

    weights = Folder(folder, turn["revision"]).trusted(cohort.given, 0.4)

    assert [1.0 if n in turn["nodes"] else pytest.approx(0.04) for n in range(COUNT)] == weights.tolist()
