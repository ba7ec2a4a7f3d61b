"""The command nodelens-train evidence."""

import json
import shutil

import pytest

from training.main import main
from training.phantoms.twin_cohort import write_twins
from training.run import Run


@pytest.fixture
def run_folder(fitted, tmp_path):
    """A copy of a finished run."""
    shutil.copytree(fitted, tmp_path / "run")
    return tmp_path / "run"


def test_results_are_told_and_written(run_folder, capsys):
    """Verdicts and numbers on stdout, all of it as JSON and as a page, marked as synthetic."""
    assert 0 == main(["evidence", str(run_folder), "--fresh", "1", "--margin-mm", "2"])
    shown, written = capsys.readouterr().out, json.loads((run_folder / "evidence.json").read_text())

    assert "SYNTHETIC" in shown
    for statement, holds in written["verdicts"].items():
        assert f"{'yes' if holds else 'NO ':3} {statement}" in shown
    assert (2.0, 1) == (written["margin_mm"], written["randomisation"]["draw_count"])
    assert {"all", "benign", "metastatic"} == written["localisation"].keys()
    assert written["repeatability"] is None
    page = (run_folder / "evidence.html").read_text()
    assert 3 == page.count("data:image/png;base64,")
    assert str(run_folder) not in page


def test_a_second_run_shows_whether_maps_repeat(run_folder, tmp_path, capsys):
    """With the same weights under another seed the correlation is 1."""
    shutil.copytree(run_folder, tmp_path / "other")
    run = Run.open(tmp_path / "other")
    (run.folder / "config.json").write_text(run.config.to_json().replace('"seed": 0', '"seed": 1'))

    assert 0 == main(["evidence", str(run_folder), "--fresh", "1", "--against", str(run.folder)])
    assert "maps of the other seed 1.000 (1.000 to 1.000)" in capsys.readouterr().out


def test_twins_show_what_the_node_changes(run_folder, tmp_path, capsys):
    """Three CTs a scene, and how much the logit rises from one to another, on stdout, as JSON and on the page."""
    write_twins(tmp_path / "twins", 2, 4)

    assert 0 == main(["evidence", str(run_folder), "--fresh", "1", "--twins", str(tmp_path / "twins")])
    written = json.loads((run_folder / "evidence.json").read_text())["twins"]
    assert 2 == written["scene_count"]
    rise = written["absent_to_benign"]["value"] + written["benign_to_metastatic"]["value"]
    assert written["absent_to_metastatic"]["value"] == pytest.approx(rise)
    assert "of 2 scenes (SYNTHETIC)" in capsys.readouterr().out
    assert "from the benign to the metastatic node" in (run_folder / "evidence.html").read_text()


@pytest.mark.parametrize("words", [["--fresh", "0"], ["--margin-mm", "-1"], ["--margin-mm", "nan"]])
def test_options_out_of_range_are_refused(run_folder, words, capsys):
    """One line says what they must be."""
    assert 2 == main(["evidence", str(run_folder), *words])
    assert "--fresh must be at least 1, and --margin-mm must not be negative" in capsys.readouterr().err


def test_what_is_no_run_is_refused(tmp_path, capsys):
    """An empty folder is told as one."""
    assert 2 == main(["evidence", str(tmp_path)])
    assert "is no training run" in capsys.readouterr().err
