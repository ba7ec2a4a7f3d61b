"""The command nodelens-train release."""

import shutil

import pytest

from service.model import Device, load_model
from tests.training.release.folders import (
    write_audit,
    write_baselines,
    write_control,
    write_crossval,
    write_evidence,
    write_second,
)
from training.main import main


@pytest.fixture
def run_folder(fitted, tmp_path):
    """A copy of a finished run."""
    shutil.copytree(fitted, tmp_path / "run", ignore=shutil.ignore_patterns("evidence*"))
    return tmp_path / "run"


def test_everything_is_measured_and_phantoms_are_refused(fitted, run_folder, tmp_path, capsys):
    """With all inputs only what phantoms cannot show is open; file, card and stdout tell the same verdicts."""
    write_evidence(run_folder / "evidence.json", fitted)
    words = ["release", str(run_folder), "--models", str(tmp_path / "models"), "--name", "nodes"]
    words += ["--crossval", str(write_crossval(tmp_path / "cv", fitted))]
    words += ["--control", str(write_control(tmp_path / "control", fitted))]
    words += ["--baselines", str(write_baselines(tmp_path / "base", fitted))]
    words += ["--audit", str(write_audit(tmp_path / "audit", fitted))]
    words += ["--repeat", str(write_second(tmp_path / "second", fitted))]

    assert 0 == main(words)
    shown, folder = capsys.readouterr().out, tmp_path / "models" / "nodes" / "1"
    gates = load_model(folder / "model.onnx", Device.CPU, 1).manifest.gates
    card, page = ((folder / f"model_card.{ending}").read_text() for ending in ("md", "html"))

    assert "NOT RELEASED (research only)" in shown
    assert [False] + [True] * 3 == [gate.passed for gate in gates[:4]]
    assert {"heat-map lift", "heat-map lift above that of weights which learnt nothing"} <= {
        gate.name for gate in gates if not gate.measured
    }
    for gate in gates:
        assert all(f"| {gate.name} | " in text for text in (shown, card))
        assert f"<td>{gate.name}</td>" in page
    assert "SYNTHETIC" in page
    assert str(tmp_path) not in card + page


def test_what_is_not_given_is_not_passed(fitted, run_folder, tmp_path, capsys):
    """With the run and its cross-validation alone, the other gates are open, and each says what to give."""
    crossval = write_crossval(tmp_path / "cv", fitted)
    assert 0 == main(["release", str(run_folder), "--models", str(tmp_path / "m"), "--crossval", str(crossval)])
    shown = capsys.readouterr().out

    for hint in ("give --control", "run `nodelens-train evidence`", "give --baselines", "give --audit", "--repeat"):
        assert hint in shown
    assert "NOT RELEASED (research only)" in shown


def test_inputs_of_another_training_are_refused(fitted, run_folder, tmp_path, capsys):
    """Nothing is written."""
    crossval = write_crossval(tmp_path / "cv", fitted, cohort_digest="other")

    assert 2 == main(["release", str(run_folder), "--models", str(tmp_path / "m"), "--crossval", str(crossval)])
    assert "says nothing of the run: its cohort_digest is other" in capsys.readouterr().err
    assert not (tmp_path / "m").exists()
