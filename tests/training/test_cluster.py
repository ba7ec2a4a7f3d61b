"""Trainings side by side, on Ray."""

import importlib.util
import subprocess
import sys

import pytest

from tests.training.fitted import OPTIONS
from training.main import main

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")

SHORT = ["--network", "cnn-gap", "--folds", "3", *OPTIONS[:-1], "1"]

PARTS = ("history.csv", "best.pt")


def ended(words):
    """What becomes of `nodelens-train` in a process of its own, where Ray may warn: exit code, stdout and stderr."""
    process = subprocess.run(
        [sys.executable, "-m", "training.main", *words], capture_output=True, text=True, check=False
    )
    return process.returncode, process.stdout, process.stderr


@needs_ray
def test_the_engine_does_not_change_the_result(cohort_csv, tmp_path, capsys):
    """Folds of networks trained on Ray have the weights and answers of those trained here, byte by byte."""
    local, ray = tmp_path / "local", tmp_path / "ray"
    words = ["crossval", "--cases", str(cohort_csv), *SHORT, "--network", "cnn-gap", "cnn", "--out"]
    assert 0 == main([*words, str(local)])

    code, shown, told = ended([*words, str(ray), "--engine", "ray"])

    assert (0, capsys.readouterr().out) == (code, shown), told
    assert "trainings: 100%" in told
    assert "epoch" not in told
    own = ["predictions.csv", "crossval.json", *(f"fold-{n}/{part}" for n in (1, 2, 3) for part in PARTS)]
    names = [f"{network}/{name}" for network in ("cnn-gap", "cnn") for name in own]
    assert [(local / name).read_bytes() for name in names] == [(ray / name).read_bytes() for name in names]


@needs_ray
def test_a_fault_of_a_task_is_told_as_here(cohort_csv, tmp_path):
    """What is wrong in a process of Ray ends the command with the same line, without a traceback."""
    words = ["control", "--cases", str(cohort_csv), *SHORT, "--runs", "2", "--out", str(tmp_path / "out")]

    code, _, told = ended([*words, "--learning-rate", "1e30", "--engine", "ray"])

    assert 2 == code
    assert "nodelens-train: the loss is no longer finite; try a lower --learning-rate" == told.splitlines()[-1]
    assert "Traceback" not in told
    assert 6 == len(list((tmp_path / "out").glob("run-*/fold-*/config.json")))


def test_without_ray_it_is_said_what_to_install(cohort_csv, tmp_path, monkeypatch, capsys):
    """Ray is an extra: who asks for it without having it is told its name."""
    (tmp_path / "ray.py").write_text("raise ImportError('not installed')")
    monkeypatch.syspath_prepend(tmp_path)
    words = ["crossval", "--cases", str(cohort_csv), *SHORT, "--out", str(tmp_path / "out"), "--engine", "ray"]

    assert 2 == main(words)
    assert "Ray, which is not installed; install nodelens[ray]" in capsys.readouterr().err


def test_torchrun_is_not_for_several_networks(cohort_csv, tmp_path, monkeypatch, capsys):
    """Processes that all cross-validate would do the same work, and write the same files."""
    for name, value in {"TORCHELASTIC_RUN_ID": "both", "WORLD_SIZE": "2", "RANK": "0"}.items():
        monkeypatch.setenv(name, value)
    words = ["crossval", "--cases", str(cohort_csv), *SHORT, "--out", str(tmp_path / "out")]

    assert 2 == main(words)
    assert "torchrun is for `fit` alone" in capsys.readouterr().err
    monkeypatch.setenv("RANK", "1")
    with pytest.raises(SystemExit):
        main(words)
    assert "" == capsys.readouterr().err
