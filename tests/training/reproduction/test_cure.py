from tests.training.reproduction.reproduced import MACHINE
from tests.training.reproduction.small import SETTINGS
from training.radiomics.features import load_features
from training.reproduction.cure import Cure, unreviewed_noise
from training.reproduction.review import Arm
from training.reproduction.steps import Steps


def test_both_arms_review_as_many_nodes(finished):
    """The curves can be compared point by point."""
    course = finished.found.course

    counts = {arm: course.of(arm, 0.25).reviewed_count for arm in Arm}

    assert dict.fromkeys(Arm, round(0.25 * SETTINGS.node_count)) == counts


def test_each_point_has_answers_to_all_nodes(finished):
    """All models answer the same nodes, with whatever labels they learnt from."""
    course = finished.found.course

    counts = {len(scores) for each in (course.noisy, course.clean, *course.reviews) for scores in each.scores.values()}

    assert {SETTINGS.node_count} == counts
    assert course.noisy.scores.keys() == course.clean.scores.keys() == course.of(Arm.GUIDED, 0.25).scores.keys()


def test_the_labels_that_are_left_wrong_are_counted(finished):
    """The true ones have none, and without review it is the cohort's."""
    course = finished.found.course

    assert finished.found.wrong_share == course.noisy.wrong_share > 0
    assert 0 == course.clean.wrong_share


def test_the_audit_of_the_guided_arm_is_told(finished):
    """It is of all nodes; a random worklist owes nothing to it."""
    course = finished.found.course

    assert SETTINGS.node_count == course.of(Arm.GUIDED, 0.25).turn["audit"]["node_count"]
    assert course.of(Arm.RANDOM, 0.25).turn["audit"] is None


def test_the_noise_of_labels_without_review_is_that_of_all_controls():
    """The controls of all rounds count, the ranked nodes do not; before any answer there is no noise to speak of."""
    turns = [{"lift": {"control": {"wrong": wrong, "answered": 10}, "ranked": {}}} for wrong in (3, 5)]

    assert 0.4 == unreviewed_noise(turns)
    assert 0.0 == unreviewed_noise([])


def test_auditors_that_have_learnt_are_not_fitted_again(finished):
    """Before any review the baselines are the auditors; only one that is not among the models is fitted."""
    steps = Steps(finished.folder / "draws" / "0")

    assert not (finished.folder / "steps" / "auditors-noisy.json").exists()
    assert ["radiomics RF"] == list(steps.once("auditors-noisy", dict))


def test_a_finished_cure_is_only_read(finished):
    """The same course comes from what is stored; neither ledger nor result is written anew."""
    files = [path for name in ("steps", "worklists") for path in (finished.folder / name).rglob("*") if path.is_file()]
    before = {path: path.stat().st_mtime_ns for path in files}

    steps, features = Steps.start(finished.folder, SETTINGS), load_features(finished.cohort.given)
    course = Cure(steps, finished.cohort, features, SETTINGS, MACHINE).course()

    assert before == {path: path.stat().st_mtime_ns for path in files}
    assert [each.wrong_share for each in finished.found.course.reviews] == [each.wrong_share for each in course.reviews]
