import os
import signal
import subprocess
import sys
import time
from subprocess import DEVNULL, PIPE

import pytest
import torch

from imaging.files import write_image
from imaging.ledger import append, read_ledger
from tests.imaging.reviews import review
from tests.imaging.scenes import ellipsoids
from tests.training.cohorts import CENTRE_MM, GRID, write_cohort
from training.cases import read_cohort
from training.labels.relabelled import labelled_cohort, node_of
from training.main import main
from training.run import Run

SMALL = ["--network", "cnn-gap", "--input-px", "32", "--side-mm", "24", "--batch", "4", "--threads", "1"]

PROGRAM = [
    sys.executable,
    "-c",
    "import signal, sys; from training.main import main; "
    "signal.signal(signal.SIGINT, signal.default_int_handler); sys.exit(main(sys.argv[1:]))",
]
"""nodelens-train, which heeds Ctrl-C even where the tests run in the background."""


@pytest.fixture
def table(tmp_path):
    """The table of a cohort of its own, without crops."""
    return write_cohort(tmp_path, patient_count=12)


def command(table, out, *words):
    """The words of `nodelens-train fit`."""
    return ["fit", "--cases", str(table), "--out", str(out), *SMALL, *words]


def weights_of(folder):
    """The best weights by name."""
    return torch.load(folder / "best.pt", weights_only=True)


def test_cases_become_a_run(table, tmp_path, capsys):
    """One command reads, cuts, splits and trains, and says what came out and that phantoms prove nothing."""
    assert 0 == main(command(table, tmp_path / "run", "--epochs", "2"))

    shown = capsys.readouterr()
    run = Run.open(tmp_path / "run")
    assert run.finished
    assert 2 == len(run.history())
    assert "best epoch" in shown.out
    assert "(phantoms: no clinical value)" in shown.out
    assert "crops" in shown.err
    assert "val_auc" in shown.err


def test_a_finished_run_is_left_alone(table, tmp_path, capsys, caplog):
    """The same command once more does nothing, and says so."""
    words = command(table, tmp_path / "run", "--epochs", "1")
    main(words)
    before = (tmp_path / "run" / "best.pt").stat().st_mtime_ns
    first = capsys.readouterr().out

    with caplog.at_level("INFO"):
        assert 0 == main(words)

    assert first == capsys.readouterr().out
    assert "is finished already" in caplog.text
    assert before == (tmp_path / "run" / "best.pt").stat().st_mtime_ns


def test_another_command_in_the_same_folder_is_refused(table, tmp_path, capsys):
    """The difference is named, and nothing is overwritten."""
    main(command(table, tmp_path / "run", "--epochs", "1"))
    capsys.readouterr()

    assert 2 == main(command(table, tmp_path / "run", "--epochs", "1", "--window", "-160", "240"))
    assert "was started with window {'lower_hu': -135.0, 'upper_hu': 215.0}" in capsys.readouterr().err


def test_labels_are_those_of_a_ledger(table, tmp_path, capsys):
    """A run learns from the labels at a revision, is measured on them, and does not go on with others."""
    cohort, ledger, out = read_cohort(table), tmp_path / "ledger.jsonl", tmp_path / "run"
    first, second = (node_of(cohort, cohort.cases[n]) for n in (0, 2))
    append(ledger, [review("1", node=first), review("2", node=second)])
    words = command(table, out, "--epochs", "1", "--labels")

    assert 0 == main([*words, f"{ledger}@1"])

    config = Run.open(out).config
    assert (f"{ledger}@1", read_ledger(ledger).digests[0]) == (config.labels, config.labels_digest)
    assert labelled_cohort(table, f"{ledger}@1").digest == config.cohort_digest
    assert 0 == main(["evaluate", str(out)])
    capsys.readouterr()
    assert 2 == main([*words, str(ledger)])
    assert f"was started with labels {ledger}@1, now it is {ledger}@2" in capsys.readouterr().err


def test_a_guided_run_asks_for_its_counterfactual(table, tmp_path, caplog):
    """Maps that were trained on prove nothing: fit says what to ask instead."""
    with caplog.at_level("WARNING"):
        assert 0 == main(command(table, tmp_path / "run", "--epochs", "1", "--guidance", "0.3"))

    assert f"only `nodelens-train evidence {tmp_path / 'run'}` tells where answers come from" in caplog.text


def test_dropped_nodes_are_counted(table, tmp_path, caplog):
    """Nodes at the edge of their CT are left out of training, and said to be."""
    x, y, z = CENTRE_MM
    for patient in (0, 5):
        mask = ellipsoids(GRID, ((x - 18, y, z), (4, 4, 4)))
        write_image(tmp_path / f"mask-{patient}.nii.gz", mask.labels, GRID)

    with caplog.at_level("WARNING"):
        assert 0 == main(command(table, tmp_path / "run", "--epochs", "1"))

    assert "2 of 12 nodes are left out: at edge" in caplog.text


def test_a_killed_run_ends_with_the_weights_of_an_unbroken_one(table, tmp_path):
    """After SIGKILL in the middle of training, the same command gives the same bits as if nothing had happened."""
    words = ["--epochs", "25", "--patience", "25", "--augment"]
    assert 0 == main(command(table, tmp_path / "whole", *words))
    broken = tmp_path / "broken"
    process = subprocess.Popen([*PROGRAM, *command(table, broken, *words)], stderr=DEVNULL, stdout=DEVNULL)
    while not (broken / "checkpoint.pt").exists() and process.poll() is None:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    assert -signal.SIGKILL == process.wait()
    assert 0 < len(Run.open(broken).history()) < 25

    assert 0 == main(command(table, broken, *words))

    assert Run.open(tmp_path / "whole").history() == Run.open(broken).history()
    expected, actual = weights_of(tmp_path / "whole"), weights_of(broken)
    assert all(torch.equal(expected[name], actual[name]) for name in expected)


def test_ctrl_c_ends_quietly(table, tmp_path):
    """An interrupted run ends with exit code 130 and no traceback, and can go on."""
    out = tmp_path / "run"
    words = command(table, out, "--epochs", "1000", "--patience", "1000")
    process = subprocess.Popen([*PROGRAM, *words], stderr=PIPE, stdout=DEVNULL, text=True)
    while not (out / "checkpoint.pt").exists() and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)

    _, errors = process.communicate()
    assert 130 == process.returncode
    assert errors.endswith("\nnodelens-train: interrupted\n")
    assert "Traceback" not in errors
    assert Run.open(out).checkpoint() is not None


def test_a_fault_of_a_row_stands_on_its_own_line(table, tmp_path, capsys):
    """The message about a damaged CT is not lost behind the progress bar."""
    (tmp_path / "ct-3.nii.gz").write_bytes(b"damaged")

    assert 2 == main(command(table, tmp_path / "run"))

    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("nodelens-train: row 5, column image: ")
