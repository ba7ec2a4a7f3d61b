"""Training by two processes on one machine."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from subprocess import DEVNULL, PIPE

import numpy as np
import pytest
import torch

from training import loop
from training.distributed import add_up_gradients, added_up, from_first, joined, leads, own_chance, share
from training.main import main
from training.networks import cnn
from training.run import Run

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--local-addr", "127.0.0.1"]
BY_TWO = [*TORCHRUN, "--nproc-per-node", "2", "-m", "tests.training.plain"]
ENVIRON = {**os.environ, "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}

EPOCHS = 12
ROUNDING = 1e-5
"""Of losses after 24 steps."""

STEP = 1e-3
"""The learning rate: where a gradient is all rounding, Adam may take a step the other way."""


def command(table, out, *words):
    """The words of a small `nodelens-train fit`, whose last batch in an epoch of 18 slices is of one."""
    small = ["--network", "cnn-gap", "--input-px", "32", "--side-mm", "24", "--threads", "1", "--batch", "17"]
    epochs = ["--epochs", str(EPOCHS), "--patience", str(EPOCHS)]
    return ["fit", "--cases", str(table), "--out", str(out), "--augment", *epochs, *small, *words]


def ended(words):
    """What becomes of that command by two processes: exit code, stdout and stderr."""
    process = subprocess.run([*BY_TWO, *words], env=ENVIRON, capture_output=True, text=True, check=False)
    return process.returncode, process.stdout, process.stderr


def weights_of(folder):
    """The weights of the best epoch, as one vector."""
    state = torch.load(folder / "best.pt", weights_only=True)
    return torch.cat([value.flatten() for value in state.values()])


@pytest.fixture(scope="module")
def broken(cohort_csv, tmp_path_factory):
    """A run by two processes of which one is killed after the first epoch: its folder, exit code and stderr."""
    out = tmp_path_factory.mktemp("both") / "run"
    process = subprocess.Popen([*BY_TWO, *command(cohort_csv, out)], env=ENVIRON, stdout=DEVNULL, stderr=PIPE)
    while not (out / "checkpoint.pt").exists() and process.poll() is None:
        time.sleep(0.005)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(children[-1]), signal.SIGKILL)
    _, told = process.communicate()
    return out, process.returncode, told.decode()


def test_a_killed_process_ends_the_others(broken):
    """Whoever waits for a process that is no more ends too, and does not tell of it."""
    out, code, told = broken

    assert 0 != code
    assert "nodelens-train: " not in told
    assert "Connection closed" not in told
    assert 0 < len(Run.open(out).history()) < EPOCHS


def test_two_take_the_steps_of_one(broken, cohort_csv, tmp_path, monkeypatch):
    """
    Two processes end where one does up to rounding, uneven batches and a stop included, and tell it once.

    Dropout is switched off, which each process draws for itself, and so is bfloat16, which rounds each share.
    """
    both, alone = broken[0], tmp_path / "alone"
    code, shown, told = ended(command(cohort_csv, both))
    monkeypatch.setattr(cnn, "DROPOUT_TRUNK", 0.0)
    monkeypatch.setattr(loop, "multiplies_bfloat16", lambda _: False)
    assert 0 == main(command(cohort_csv, alone))

    assert 0 == code
    assert 1 == len(shown.splitlines()) == shown.count("best epoch")
    assert 1 == told.count("crops: 100%")
    assert Run.open(alone).split == Run.open(both).split
    assert list(range(1, EPOCHS + 1)) == [epoch.number for epoch in Run.open(both).history()]
    np.testing.assert_allclose(Run.open(alone).history(), Run.open(both).history(), rtol=0, atol=ROUNDING)
    torch.testing.assert_close(weights_of(alone), weights_of(both), rtol=0, atol=STEP)
    assert (weights_of(alone) - weights_of(both)).abs().mean() < ROUNDING


def test_a_fault_of_the_first_is_told_once(cohort_csv, tmp_path):
    """What one process finds wrong in the middle of training ends both with one message."""
    code, shown, told = ended(command(cohort_csv, tmp_path / "run", "--learning-rate", "1e30"))

    assert 0 != code
    assert "" == shown
    assert 1 == told.count("nodelens-train: ")
    assert "nodelens-train: the loss is no longer finite" in told


@pytest.fixture
def alone(monkeypatch):
    """The only process that torchrun started, as far as gloo is concerned."""
    environ = {"RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "0"}
    for name, value in {**environ, "TORCHELASTIC_RUN_ID": "alone", "GLOO_SOCKET_IFNAME": "lo"}.items():
        monkeypatch.setenv(name, value)


def test_who_is_alone_does_all(alone):
    """A group of one leads, has the whole batch, and nothing to add or to wait for."""
    parameter = torch.nn.Parameter(torch.ones(2))
    parameter.grad = torch.full((2,), 3.0)
    with joined():
        add_up_gradients([parameter])
        generator = torch.manual_seed(0)

        assert leads()
        assert slice(0, 5) == share(5)
        assert 7 == from_first(lambda: 7)
        assert generator is own_chance(generator, 0)
        assert [3.0, 3.0] == parameter.grad.tolist()
        assert [1.0] == added_up(np.ones(1)).tolist()
