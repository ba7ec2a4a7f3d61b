"""The command nodelens-train phantom."""

import json

import pytest

from training.main import main


def test_the_ceiling_is_printed(tmp_path, capsys):
    """The command tells how many nodes there are, that they are synthetic, and what AUC nobody can exceed."""
    assert 0 == main(["phantom", str(tmp_path / "cohort"), "--patients", "10", "--seed", "1"])
    shown = capsys.readouterr().out

    assert "10 phantom patients" in shown
    assert "SYNTHETIC" in shown
    assert "AUC of the ideal observer: 0." in shown


def test_defects_are_put_in_on_request(tmp_path, capsys):
    """A share of the patients is spoilt, and the ledger is named."""
    assert 0 == main(["phantom", str(tmp_path / "cohort"), "--patients", "10", "--defects", "0.2"])

    assert "rows have a defect" in capsys.readouterr().out
    assert (tmp_path / "cohort" / "defects.csv").is_file()


def test_a_folder_that_exists_is_refused(tmp_path, capsys):
    """One line, exit code 2, and the folder stays."""
    assert 2 == main(["phantom", str(tmp_path), "--patients", "10"])
    assert "exists" in capsys.readouterr().err


def test_what_was_asked_for_is_told(tmp_path, capsys):
    """Preset, wrong labels and shortcut are named, and the tables that tell which nodes have them."""
    options = ["--preset", "size-only", "--label-noise", "per-class:0.2,0.5", "--shortcut", "background:0.9"]
    assert 0 == main(["phantom", str(tmp_path / "cohort"), "--patients", "10", *options])
    shown = capsys.readouterr().out

    assert "wrong labels (per-class:0.2,0.5): " in shown
    assert "truth.csv" in shown
    assert "shortcut (background:0.9): shortcuts.csv" in shown
    assert "AUC of the ideal observer: 0.85 in theory" in shown
    assert "size-only" == json.loads((tmp_path / "cohort" / "cohort.json").read_text())["preset"]


def test_twins_are_written_instead_of_a_cohort(tmp_path, capsys):
    """The command writes scenes three times, and says that they are synthetic."""
    assert 0 == main(["phantom", str(tmp_path / "twins"), "--twins", "1"])
    shown = capsys.readouterr().out

    assert "1 scenes with three twins each (SYNTHETIC" in shown
    assert (tmp_path / "twins" / "twins.csv").is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--label-noise", "often"], "KIND:RATE"),
        (["--shortcut", "often"], "CUE:AGREEMENT"),
        (["--twins", "1", "--shortcut", "marker:0.9"], "goes with none"),
    ],
)
def test_options_that_make_no_cohort_are_refused(tmp_path, capsys, options, message):
    """One line, exit code 2, and nothing is written."""
    assert 2 == main(["phantom", str(tmp_path / "cohort"), *options])
    assert message in capsys.readouterr().err
    assert [] == list(tmp_path.iterdir())
