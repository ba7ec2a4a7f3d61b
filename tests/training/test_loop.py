from dataclasses import replace

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from imaging.crop import EdgePolicy
from tests.training.configs import SPEC, config
from training.cases import read_cohort
from training.crops import load_crops
from training.errors import InvalidCases, InvalidOptions, InvalidWeights
from training.loop import fit_network
from training.predict import node_logits, slice_logits
from training.run import Run
from training.split import Split, split_cases

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def cohort(cohort_csv):
    """Twelve patients with one node each."""
    return read_cohort(cohort_csv)


@pytest.fixture(scope="module")
def crops(cohort):
    """Their crops."""
    return load_crops(cohort, SPEC, EdgePolicy.REPORT)


@pytest.fixture
def started(cohort, tmp_path):
    """Starts a run in a folder of that name."""
    split = split_cases(cohort.cases, 0)
    return lambda name, **choices: Run.start(tmp_path / name, config(**choices), split)


def weights_of(run):
    """The best weights, as one vector."""
    state = torch.load(run.folder / "best.pt", weights_only=True)
    return torch.cat([value.flatten() for value in state.values()])


def test_a_network_learns(crops, started):
    """Bright nodes are told from dark ones that were never seen."""
    run = started("run", epoch_count=15, patience=15, augmented=False, learning_rate=3e-3)

    fit_network(run, crops, CPU)

    test = crops.rows(run.split.test)
    logits = node_logits(run.network(), crops.pixels[test], SPEC.aggregation)
    history = run.history()
    assert run.finished
    assert history[-1].training_loss < history[0].training_loss / 2
    assert history[0].training_auc < history[-1].training_auc > 0.95
    assert logits[crops.labels[test] == 1].min() > logits[crops.labels[test] == 0].max()


def test_a_seed_gives_one_result(crops, started):
    """Trained twice with one seed, the weights are the same bits; with another seed they are not."""
    first, second, other = started("first"), started("second"), started("other", seed=1)
    for run in (first, second, other):
        fit_network(run, crops, CPU)

    assert torch.equal(weights_of(first), weights_of(second))
    assert first.history() == second.history()
    assert not torch.equal(weights_of(first), weights_of(other))


@pytest.mark.parametrize("network", ["cnn", "cnn-gap"])
def test_a_run_goes_on_as_if_it_had_not_been_stopped(network, crops, started):
    """Stopped after an epoch and started again, it ends with the same weights and the same history."""
    whole, parts = started("whole", network=network), started("parts", network=network)
    fit_network(whole, crops, CPU)
    short = replace(parts, config=config(network=network, epoch_count=1))
    fit_network(short, crops, CPU)
    assert 1 == len(short.history())

    fit_network(parts, crops, CPU)

    assert whole.history() == parts.history()
    assert torch.equal(weights_of(whole), weights_of(parts))


def test_a_stop_between_two_files_does_no_harm(crops, started):
    """An epoch that is in the history but not in the checkpoint is done again."""
    whole, torn = started("whole"), started("torn")
    fit_network(whole, crops, CPU)
    fit_network(replace(torn, config=config(epoch_count=1)), crops, CPU)
    torn.save_history(whole.history()[:2])

    fit_network(torn, crops, CPU)

    assert whole.history() == torn.history()
    assert torch.equal(weights_of(whole), weights_of(torn))


def test_the_best_epoch_is_kept(crops, started):
    """The network that comes out is that of the epoch with the lowest validation loss, not the last one."""
    run = started("run", stop_on="loss", learning_rate=0.03, epoch_count=6, patience=6)
    fit_network(run, crops, CPU)

    validation = crops.rows(run.split.validation)
    logits = torch.from_numpy(slice_logits(run.network(), crops.pixels[validation]))
    labels = torch.from_numpy(crops.labels[validation]).double()[:, None].expand_as(logits)
    lowest = min(epoch.validation_loss for epoch in run.history())
    assert lowest < run.history()[-1].validation_loss
    assert lowest == pytest.approx(binary_cross_entropy_with_logits(logits, labels).item())


def test_a_run_stops_early(crops, started):
    """Without a better epoch it ends before the last one."""
    run = started("run", learning_rate=1e-12, epoch_count=50, patience=2, augmented=False)

    fit_network(run, crops, CPU)

    assert len(run.history()) < 50
    assert 2 == len(run.history()) - run.best_epoch().number


def test_a_loss_that_explodes_is_said_to(crops, started):
    """A learning rate that is far too high makes a message, not a model."""
    run = started("run", learning_rate=1e30)

    with pytest.raises(InvalidOptions, match="the loss is no longer finite; try a lower --learning-rate"):
        fit_network(run, crops, CPU)


def test_a_part_that_lost_a_class_is_refused(cohort, crops, tmp_path):
    """Dropped nodes count: a part without a metastatic crop cannot be learnt from."""
    benign = [index for index, case in enumerate(cohort.cases) if case.label == 0]
    run = Run.start(tmp_path / "run", config(), Split(tuple(benign[:4]), tuple(range(8, 10)), (10, 11)))

    with pytest.raises(InvalidCases, match="the training part has no metastatic node"):
        fit_network(run, crops, CPU)


def test_pretrained_weights_are_checked(crops, started, tmp_path):
    """Weights with another digest than the run's are refused."""
    (tmp_path / "weights.pt").write_bytes(b"other weights")
    run = started("run", network="resnet50", weights_sha256="0" * 64)

    with pytest.raises(InvalidWeights, match="SHA-256"):
        fit_network(run, crops, CPU, tmp_path / "weights.pt")
