"""The report of an evaluation."""

import json

import pytest

from tests.training.fitted import answers
from training.course import Course, Epoch
from training.evaluation_report import write_report

OLD = Course((Epoch(1, 0.7, 0.7, 0.6),), Epoch(1, 0.7, 0.7, 0.6))


@pytest.mark.parametrize("synthetic", [True, False])
def test_page_and_json_tell_the_same(fitted, tmp_path, synthetic):
    """The page shows the rows of the JSON, with all figures inside, and is marked only where phantoms were measured."""
    run, _, held_out = answers(fitted)
    findings = write_report(
        tmp_path, "cnn-gap", held_out, synthetic, {"cnn-gap": run.course()}, {"<b>": held_out.logits}
    )
    page = (tmp_path / "evaluation.html").read_text()
    written = json.loads((tmp_path / "evaluation.json").read_text())

    assert synthetic == ("SYNTHETIC" in page)
    assert 5 == page.count("data:image/png;base64,")
    assert str(findings.evaluation.auc) in page
    assert ["short axis alone", "volume alone", "cnn-gap", "<b>"] == [row["name"] for row in written["comparison"]]
    assert "&lt;b&gt;" in page
    assert "too few" in page
    assert "while learning, at the best" in page


def test_a_run_without_training_auc_is_told_apart(fitted, tmp_path):
    """The page of an older run says that the gap is not known; without any training it says nothing of it."""
    _, _, held_out = answers(fitted)
    write_report(tmp_path / "old", "cnn-gap", held_out, True, {"cnn-gap": OLD})
    write_report(tmp_path / "none", "cnn-gap", held_out, True, {})

    assert "was not recorded when this was trained" in (tmp_path / "old" / "evaluation.html").read_text()
    assert "learnt by heart" not in (tmp_path / "none" / "evaluation.html").read_text()
