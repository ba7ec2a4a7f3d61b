import shutil

import pytest
import torch

from tests.training.configs import CONFIG, config
from training.config import Purpose
from training.course import Epoch
from training.errors import InvalidRun
from training.networks.catalogue import build_network
from training.run import Checkpoint, Run
from training.split import Split

SPLIT = Split((0, 3), (1,), (2,))


def epochs(*scores):
    """Epochs with these (validation AUC, validation loss)."""
    return tuple(Epoch(number, 0.5, loss, auc) for number, (auc, loss) in enumerate(scores, start=1))


@pytest.fixture
def run(tmp_path):
    """A run without an epoch."""
    return Run.start(tmp_path / "run", CONFIG, SPLIT)


def test_a_run_explains_itself(run):
    """Its folder says all that it was started with."""
    opened = Run.open(run.folder)

    assert run == opened
    assert not opened.finished
    assert opened.checkpoint() is None


def test_a_run_goes_on_with_the_same_choices(run):
    """The same choices in the same folder are the same run."""
    run.save_history(epochs((0.7, 0.6)))

    assert epochs((0.7, 0.6)) == Run.start(run.folder, CONFIG, SPLIT).history()


def test_other_choices_in_a_trained_run_are_refused(run):
    """The message names the difference, and what to do."""
    run.save_history(epochs((0.7, 0.6)))

    with pytest.raises(InvalidRun, match="was started with batch_size 4, now it is 8; use the same options"):
        Run.start(run.folder, config(batch_size=8), SPLIT)
    assert CONFIG == Run.open(run.folder).config


def test_another_split_in_a_trained_run_is_refused(run):
    """Weights that have seen a patient are never tested on it because the folds were drawn anew."""
    run.save_history(epochs((0.7, 0.6)))

    with pytest.raises(InvalidRun, match="was started with another split; use the same --seed, --folds and --inner"):
        Run.start(run.folder, CONFIG, Split((0, 2), (1,), (3,)))
    assert SPLIT == Run.open(run.folder).split


@pytest.mark.parametrize(
    ("purpose", "reason"),
    [(Purpose.LEAK, "it was split by slice"), (Purpose.CONTROL, "it learnt from permuted labels")],
)
def test_a_run_that_was_never_meant_as_a_model_is_refused(tmp_path, purpose, reason):
    """Its folder says what it was for, and whoever takes it for a model is told why it is none."""
    Run.start(tmp_path / "run", config(purpose=purpose), SPLIT)

    with pytest.raises(InvalidRun, match=f"is a run of the {purpose} and no model: {reason}"):
        Run.open(tmp_path / "run").require_model()


def test_a_run_is_a_model_unless_it_says_otherwise(run):
    """Runs of earlier releases say nothing, and are models."""
    text = (run.folder / "config.json").read_text().replace(',\n  "purpose": "model"', "")
    (run.folder / "config.json").write_text(text)

    assert "purpose" not in text
    assert CONFIG == Run.open(run.folder).config
    Run.open(run.folder).require_model()


def test_a_run_without_an_epoch_may_begin_again(run):
    """Whoever mends the table after a message need not clean up."""
    Run.start(run.folder, config(cohort_digest="c1"), SPLIT)

    assert "c1" == Run.open(run.folder).config.cohort_digest


def test_another_folder_is_not_touched(tmp_path):
    """A folder that holds something else is refused."""
    (tmp_path / "thesis.txt").write_text("all of it")

    with pytest.raises(InvalidRun, match="exists and is no training run"):
        Run.start(tmp_path, CONFIG, SPLIT)
    assert [tmp_path / "thesis.txt"] == list(tmp_path.iterdir())


def test_a_file_is_no_folder(tmp_path):
    """A file in the place of the folder is refused."""
    (tmp_path / "run").write_text("")

    with pytest.raises(InvalidRun, match="exists and is no training run"):
        Run.start(tmp_path / "run", CONFIG, SPLIT)


def test_a_missing_run_is_refused(tmp_path):
    """A wrong path is said to be one."""
    with pytest.raises(InvalidRun, match=r"is no training run: it has no config\.json"):
        Run.open(tmp_path / "run")


@pytest.mark.parametrize("name", ["config.json", "split.json", "history.csv"])
def test_a_damaged_file_is_named(run, name):
    """The message says which file of the run is damaged."""
    (run.folder / name).write_text("number\nnot,a,number\n")

    with pytest.raises(InvalidRun, match=name):
        Run.open(run.folder).history()


def test_history_survives_the_file(run):
    """Every digit of a loss is kept."""
    history = (Epoch(1, 1 / 3, 2 / 3, 0.1, 1 / 7), Epoch(2, 1e-300, 0.7, 1.0))
    run.save_history(history)

    assert history == Run.open(run.folder).history()


def test_runs_that_did_not_record_the_training_auc_are_read(run):
    """A history of four columns is one whose training AUC is unknown, and may be gone on with."""
    table = "number,training_loss,validation_loss,validation_auc\n1,0.5,0.6,0.7\n"
    (run.folder / "history.csv").write_text(table)
    history = run.history()
    run.save_history((*history, Epoch(2, 0.4, 0.5, 0.8, 0.9)))

    assert epochs((0.7, 0.6)) == history
    assert (Epoch(1, 0.5, 0.6, 0.7, None), Epoch(2, 0.4, 0.5, 0.8, 0.9)) == run.history()
    assert Epoch(2, 0.4, 0.5, 0.8, 0.9) == run.course().best


def test_an_unfinished_run_has_no_network(run):
    """Weights of a run that was stopped are nobody's model."""
    run.save_history(epochs((0.7, 0.6)))

    with pytest.raises(InvalidRun, match="is not finished"):
        run.network()


def test_a_finished_run_has_its_best_network(run):
    """The network that comes back has the weights that were saved, and answers without dropout."""
    network = build_network("cnn-gap", (32, 32))
    run.save_best(network.state_dict())
    run.save_history(epochs((0.9, 0.5), (0.8, 0.5), (0.7, 0.5)))

    loaded = Run.open(run.folder).network()

    assert not loaded.training
    for name, value in network.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[name])


def test_a_checkpoint_survives_the_file(run):
    """The state of network and optimiser comes back as it was."""
    network = build_network("cnn-gap", (32, 32))
    optimiser = torch.optim.Adam(network.parameters(), lr=0.25)
    run.save_checkpoint(2, network.state_dict(), optimiser.state_dict())

    checkpoint = run.checkpoint()

    assert isinstance(checkpoint, Checkpoint)
    assert 2 == checkpoint.epoch
    assert optimiser.state_dict() == checkpoint.optimiser
    assert all(torch.equal(value, checkpoint.network[name]) for name, value in network.state_dict().items())


def test_a_network_is_known_by_its_weights(fitted, tmp_path):
    """The digest is that of the best weights; other weights have another."""
    shutil.copytree(fitted, tmp_path / "run")
    copied = Run.open(tmp_path / "run")

    assert Run.open(fitted).network_digest() == copied.network_digest()
    copied.save_best({"other": torch.zeros(1)})
    assert Run.open(fitted).network_digest() != copied.network_digest()
