"""The command nodelens-train evaluate."""

import json
import shutil

import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from tests.training.cohorts import read_table, write_table
from tests.training.fitted import answers
from training.main import main


def test_results_are_told_and_written(fitted, capsys):
    """AUC with interval next to size alone, marked as synthetic; a page, a table of predictions and figures."""
    assert 0 == main(["evaluate", str(fitted)])
    shown, written = capsys.readouterr().out, json.loads((fitted / "evaluation.json").read_text())
    _, _, held_out = answers(fitted)
    rows = read_table(fitted / "predictions.csv")

    assert "SYNTHETIC" in shown
    assert written["synthetic"]
    assert roc_auc_score(held_out.labels, held_out.logits) == pytest.approx(written["auc"]["value"])
    assert roc_auc_score(held_out.labels, held_out.log_volumes) == pytest.approx(written["size_auc"]["value"])
    assert brier_score_loss(held_out.labels, held_out.probabilities) == pytest.approx(written["brier"])
    assert [str(label) for label in held_out.labels] == [row["label"] for row in rows]
    assert [float(row["short_axis_mm"]) for row in rows] == pytest.approx(held_out.short_axes_mm.tolist(), rel=1e-5)
    assert "SYNTHETIC" in (fitted / "evaluation.html").read_text()
    assert 4 == len(written["gaps"]["cnn-gap"])
    assert (fitted / "roc.png").stat().st_size > 5000
    assert (fitted / "loss.png").stat().st_size > 5000


def test_a_cohort_that_changed_is_refused(fitted, tmp_path, capsys):
    """Results would be about other cases than the run's."""
    shutil.copytree(fitted.parent, tmp_path / "copy")
    run, table = tmp_path / "copy" / "run", tmp_path / "copy" / "cohort" / "cases.csv"
    rows = read_table(table)
    rows[0]["label"] = "1" if rows[0]["label"] == "0" else "0"
    write_table(table.parent, rows)
    (run / "config.json").write_text(
        (run / "config.json").read_text().replace(str(fitted.parent), str(tmp_path / "copy"))
    )

    assert 2 == main(["evaluate", str(run)])
    assert "have changed since the run" in capsys.readouterr().err


def test_what_is_no_run_is_refused(tmp_path, capsys):
    """An empty folder is told as one."""
    assert 2 == main(["evaluate", str(tmp_path)])
    assert "is no training run" in capsys.readouterr().err
