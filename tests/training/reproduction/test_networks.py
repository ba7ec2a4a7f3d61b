from tests.training.cohorts import write_cohort
from tests.training.reproduction.reproduced import MACHINE
from tests.training.reproduction.small import SETTINGS
from training.cases import read_cohort
from training.reproduction.networks import out_of_fold_logits, training_args
from training.run import Run


def test_a_network_learns_as_the_settings_say(cohort_csv, tmp_path):
    """Every choice reaches the options of the commands that train; no epoch is left out for want of progress."""
    [experiment] = SETTINGS.experiments

    args = training_args(read_cohort(cohort_csv), experiment.training, tmp_path, 5, "--slices", "0")

    assert ("cnn", 2, 2, 4, 16, True) == (
        args.network,
        args.epochs,
        args.patience,
        args.batch,
        args.input_px,
        args.augment,
    )
    assert (5, 3e-4, [0], "pad") == (args.seed, args.learning_rate, args.slices, args.edge)


def test_every_node_is_answered_by_a_network_that_never_saw_its_patient(tmp_path):
    """Each is in the test part of one run, and the answers stand in the order of the table."""
    cohort = read_cohort(write_cohort(tmp_path / "cohort"))

    logits = out_of_fold_logits(cohort, SETTINGS.pooling, tmp_path / "runs", 3, MACHINE)

    splits = [Run.open(tmp_path / "runs" / f"fold-{n}").split for n in (1, 2, 3)]
    assert len(cohort.cases) == len(logits)
    assert sorted(n for split in splits for n in split.test) == list(range(len(cohort.cases)))
    assert logits == out_of_fold_logits(cohort, SETTINGS.pooling, tmp_path / "runs", 3, MACHINE)
