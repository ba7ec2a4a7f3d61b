"""The results of a batch, as pages read them."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from imaging.errors import ImagingError
from imaging.files import read_mask, write_image
from service.batch.output import MODEL
from service.pages.results import InvalidResults, read_results


def test_cases_labels_and_images_are_found_again(scored):
    """What a page shows of a case is read from the files that were scored."""
    results = read_results(scored)
    study = results.scored[2].study()

    assert ["p0", "p1", "p2", "p3"] == [each.case.name for each in results.scored]
    assert {1: 1, 2: 0, 3: 0} == results.scored[0].labels
    assert ("p2", [1, 2, 3]) == (study.name, [node.label for node in study.nodes])
    assert study.heat is not None
    assert 8 == results.roc["nodes"]


def test_the_model_is_known_where_its_manifest_was_kept(scored, tmp_path):
    """A batch keeps it; without it less is known."""
    out = shutil.copytree(scored, tmp_path / "out")
    kept = read_results(out)
    (out / MODEL).unlink()

    assert "cnn-gap" == kept.manifest.name
    assert read_results(out).manifest is None


@pytest.mark.parametrize("content", [None, "{}\n", "not json\n"])
def test_what_are_no_results_is_told(tmp_path, content):
    """A folder without findings, or with damaged ones, is named."""
    if content is not None:
        (tmp_path / "findings.jsonl").write_text(content)

    with pytest.raises(InvalidResults, match="holds no results of nodelens-score batch"):
        read_results(tmp_path)


def test_files_that_are_gone_are_missed_when_they_are_wanted(scored, tmp_path):
    """A report on the numbers needs no CT."""
    out = shutil.copytree(scored, tmp_path / "out")
    lines = [json.loads(line) for line in (out / "findings.jsonl").read_text().splitlines()]
    (out / "findings.jsonl").write_text("\n".join(json.dumps(line | {"image": "/gone.nii.gz"}) for line in lines))

    with pytest.raises(ImagingError, match="no such file"):
        read_results(out).scored[0].study()


def test_a_mask_that_was_changed_is_not_taken_for_what_was_scored(scored, tmp_path):
    """Its numbers mean other nodes now: a verdict on one of them would go to another."""
    result = read_results(scored).scored[1]
    mask = read_mask(result.case.mask)
    turned = np.array([0, 2, 1, 3], np.uint8)[mask.labels.astype(int)]
    write_image(tmp_path / "mask.nii.gz", turned, mask.geometry)
    changed = replace(result, case=replace(result.case, mask=tmp_path / "mask.nii.gz"))
    gone = replace(result, findings=result.findings | {"nodes": [*result.findings["nodes"], far_away()]})

    assert [1, 2, 3] == [node.label for node in result.read()[1]]
    for each, number in ((changed, 1), (gone, 4)):
        with pytest.raises(InvalidResults, match=f"p1 was changed: its node {number} is not where it was scored"):
            each.study()


def far_away():
    """A node that no mask has."""
    return {"label": 4, "centroid_lps_mm": [0.0, 0.0, 0.0], "probability": None}


def test_a_dicom_study_is_read_again_by_the_marks_that_were_meant(scored, tmp_path):
    """Without them other segments would be nodes, or none could be chosen; older results do not tell them."""
    out = shutil.copytree(scored, tmp_path / "out")
    lines = [json.loads(line) for line in (out / "findings.jsonl").read_text().splitlines()]
    lines[0] |= {"mask": None, "structures": ["node left"], "marking": "second"}
    del lines[1]["structures"], lines[1]["marking"]
    (out / "findings.jsonl").write_text("\n".join(map(json.dumps, lines)))
    first, second = (each.case for each in read_results(out).scored[:2])

    assert (("node left",), "second") == (first.structures, first.marking)
    assert ((), "") == (second.structures, second.marking)
