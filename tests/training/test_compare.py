"""The command nodelens-train compare."""

import json

import pytest

from imaging.file_digest import file_digest
from tests.imaging.manifests import manifest
from tests.training.release.folders import write_baselines, write_crossval
from training.main import main
from training.release.verdicts import write_verdicts


@pytest.fixture(scope="module")
def folders(fitted, tmp_path_factory):
    """Two finished cross-validations and the baselines, all of the same cases."""
    folder = tmp_path_factory.mktemp("compared")
    return [
        str(each)
        for each in (
            write_baselines(folder / "base", fitted),
            write_crossval(folder / "one", fitted),
            write_crossval(folder / "<other>", fitted),
        )
    ]


def test_page_json_and_table_tell_the_same(folders, tmp_path, capsys):
    """Every row stands in all three; the page has settings and pairs, and says SYNTHETIC of phantoms."""
    assert 0 == main(["compare", str(tmp_path / "out"), *folders])
    shown = capsys.readouterr().out
    plain = json.loads((tmp_path / "out" / "compare.json").read_text())
    page = (tmp_path / "out" / "compare.html").read_text()

    names = [row["name"] for row in plain["rows"]]
    assert ["short axis", "radiomics LR", "one", "<other>", "mean of all networks"] == names
    assert all(f"| {name} | " in shown for name in names)
    assert {"one", "<other>"} == set(plain["settings"])
    assert "<td>32 × 32</td>" in page
    assert "<td>&lt;other&gt;</td>" in page
    assert "Networks among themselves" in page
    assert "SYNTHETIC" in page
    assert "SYNTHETIC" in shown
    assert "Gates of a release" not in page


def test_verdicts_stand_under_the_network_they_are_about(folders, tmp_path, capsys):
    """They find their cross-validation by its answers; those of another are refused."""
    base, one, _ = folders
    digest = file_digest(tmp_path.joinpath(one, "predictions.csv"))
    write_verdicts(tmp_path / "model", manifest(), digest)
    words = ["--released", str(tmp_path / "model")]

    assert 0 == main(["compare", str(tmp_path / "out"), base, one, *words])
    plain = json.loads((tmp_path / "out" / "compare.json").read_text())
    assert {"one": {"model": "cnn, version 1: released", "gates": {"auc above chance": "passed"}}} == plain["gates"]
    assert "<td>auc above chance</td><td>passed</td>" in (tmp_path / "out" / "compare.html").read_text()
    write_verdicts(tmp_path / "model", manifest(), "another")
    assert 2 == main(["compare", str(tmp_path / "out"), base, one, *words])
    assert "was held to none of these cross-validations" in capsys.readouterr().err


def test_folders_about_other_cases_are_refused(fitted, folders, tmp_path, capsys):
    """Nothing is written."""
    strange = write_crossval(tmp_path / "strange", fitted, cohort_digest="other")

    assert 2 == main(["compare", str(tmp_path / "out"), *folders, str(strange)])
    assert "strange is about other nodes, patients or labels than base" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
