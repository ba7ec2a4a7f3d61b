"""The command nodelens-train phantom."""

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
