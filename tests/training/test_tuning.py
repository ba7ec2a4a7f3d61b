"""Choices by trials on validation parts."""

import argparse
import importlib.util
import json
import sys
from pathlib import Path

import pytest
import torch

from tests.training.cohorts import write_cohort
from tests.training.fitted import OPTIONS
from training.cases import read_cohort
from training.errors import InvalidOptions
from training.main import main
from training.options import add_options, config_of
from training.run import Run
from training.split import patient_folds, split_at
from training.tuning import Trial, Tuner, Tuning

SHORT = ["--network", "cnn-gap", *OPTIONS[:-1], "1"]

needs_optuna = pytest.mark.skipif(importlib.util.find_spec("optuna") is None, reason="Optuna is not installed")


def config_for(cohort, out):
    """A short training."""
    parser = argparse.ArgumentParser()
    add_options(parser)
    words = ["--cases", str(cohort.table), "--out", str(out), *SHORT]
    return config_of(parser.parse_args(words), cohort, cohort.cases)


@needs_optuna
def test_who_is_tested_has_no_say(cohort_csv, tmp_path):
    """With other labels of the test part all trials, and the choice, are the same."""
    cohort = read_cohort(cohort_csv)
    split = split_at(cohort.cases, patient_folds(cohort.cases, 3, 0), 0)
    flipped = [1 - case.label if n in split.test else case.label for n, case in enumerate(cohort.cases)]

    tunings = [
        Tuner(each, torch.device("cpu"), 3).tuned(config_for(each, tmp_path), (split,), tmp_path / each.digest)
        for each in (cohort, cohort.with_labels(flipped))
    ]

    assert tunings[0] == tunings[1]
    assert 3 == len(set(tunings[0].trials))


@needs_optuna
def test_each_fold_has_its_own_choice_and_goes_on(tmp_path, capsys):
    """The best trial of a fold is what its run was told; the same command trains nothing again."""
    table, out = write_cohort(tmp_path / "cohort", patient_count=12), tmp_path / "cv"
    words = ["crossval", "--cases", str(table), "--folds", "3", "--tune", "2", "--out", str(out), *SHORT]
    assert 0 == main(words)
    shown = capsys.readouterr().out
    plain = json.loads((out / "tuning.json").read_text())
    weights = {path: path.stat().st_mtime_ns for path in out.glob("**/best.pt")}

    assert ["fold 1", "fold 2", "fold 3"] == list(plain)
    assert 9 == len(weights)
    for number, fold in enumerate(plain.values(), start=1):
        config = Run.open(out / f"fold-{number}").config
        tried = {key: fold["best"][key] for key in ("learning_rate", "batch_size", "augmented")}
        assert tried == {key: getattr(config, key) for key in tried}
        assert fold["best"]["auc"] == max(trial["auc"] for trial in fold["trials"])
        assert (0.001, 4, False) == tuple(fold["trials"][0][key] for key in tried)
    assert "fold 3: chosen learning rate" in shown
    assert "What was chosen in each fold" in (out / "crossval.html").read_text()

    assert 0 == main(words)
    assert weights == {path: path.stat().st_mtime_ns for path in out.glob("**/best.pt")}
    assert shown == capsys.readouterr().out


def test_the_first_of_the_best_is_chosen():
    """A trial that diverged is none; of equals the earlier one, and without any there is nothing to choose."""
    low, high, again = (Trial(rate, 8, True, auc) for rate, auc in ((1e-3, 0.6), (1e-2, 0.8), (1e-4, 0.8)))
    diverged = Trial(1.0, 8, False)

    assert high == Tuning((diverged, low, high, again)).best
    assert "learning rate 0.01, batch 8, augmented: validation AUC 0.800" == str(high)
    assert "learning rate 1, batch 8, not augmented: diverged" == str(diverged)
    with pytest.raises(InvalidOptions, match="all trials diverged"):
        _ = Tuning((diverged,)).best


@needs_optuna
def test_a_trial_that_diverges_is_passed_over(cohort_csv, tmp_path):
    """A learning rate that is far too high ends its trial, not the command."""
    cohort = read_cohort(cohort_csv)
    split = split_at(cohort.cases, patient_folds(cohort.cases, 3, 0), 0)
    config = config_for(cohort, tmp_path)
    too_high = Trial(1e30, 4, False).chosen(config)

    tuning = Tuner(cohort, torch.device("cpu"), 1).tuned(too_high, (split,), tmp_path / "trials")

    assert (Trial(1e30, 4, False, None),) == tuning.trials


def test_without_optuna_it_is_said_what_to_install(cohort_csv, tmp_path, monkeypatch, capsys):
    """Optuna is an extra: who asks for it without having it is told its name."""
    (tmp_path / "optuna.py").write_text("raise ImportError('not installed')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "optuna", raising=False)
    words = ["crossval", "--cases", str(cohort_csv), *SHORT, "--folds", "3", "--out", str(tmp_path / "out")]

    assert 2 == main([*words, "--tune", "2"])
    assert "Optuna, which is not installed; install nodelens[tune]" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--tune", "-1"], ["--tune", "2", "--engine", "ray"]])
def test_impossible_tunings_are_refused(cohort_csv, tmp_path, capsys, options):
    """Trials of a fold follow from each other: they are done here, one after the other."""
    words = ["crossval", "--cases", str(cohort_csv), *SHORT, "--out", str(tmp_path / "out")]

    assert 2 == main([*words, *options])
    assert f"--tune {options[1]}: " in capsys.readouterr().err
    assert not Path(tmp_path / "out").exists()
