"""The folder of results of a batch."""

import json

from imaging.atomic import DRAFT
from service.batch.cases import read_table
from service.batch.output import remove_drafts, write_findings, write_json
from service.batch.record import Record
from tests.service.batch.records import scored


def test_a_line_for_each_case_that_was_scored(cohort, embedded, tmp_path):
    """In the order of the cases, with their files and what is known about their nodes."""
    cases = read_table(cohort).cases[:3]
    found = scored(read_table(cohort), embedded, tmp_path)
    write_findings(tmp_path, cases, {"c002": found["c002"], "c001": Record("c001"), "c000": found["c000"]})
    lines = [json.loads(line) for line in (tmp_path / "findings.jsonl").read_text().splitlines()]

    assert ["c000", "c002"] == [line["case"] for line in lines]
    assert ("p1", str(cases[2].image), str(cases[2].mask)) == tuple(
        lines[1][name] for name in ("patient", "image", "mask")
    )
    assert {"1": 1, "2": 0, "3": None} == lines[1]["labels"]
    assert ([], "") == (lines[1]["structures"], lines[1]["marking"])
    assert json.loads(json.dumps(found["c002"].findings)) == lines[1]["findings"]


def test_what_a_killed_process_left_half_written_is_removed(tmp_path):
    """Beside the tables and beside the heat maps; whole files stay."""
    for folder in (tmp_path, tmp_path / "heatmaps"):
        (folder / f"{DRAFT}x").mkdir(parents=True)
        (folder / f"{DRAFT}x" / "half.nii.gz").touch()
    (tmp_path / "heatmaps" / "whole.nii.gz").touch()
    remove_drafts(tmp_path)

    assert ["heatmaps", "heatmaps/whole.nii.gz"] == sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*"))


def test_plain_values_are_replaced_whole(tmp_path):
    """As one JSON object."""
    write_json(tmp_path / "summary.json", {"a": 1})
    write_json(tmp_path / "summary.json", {"a": [2]})

    assert {"a": [2]} == json.loads((tmp_path / "summary.json").read_text())
