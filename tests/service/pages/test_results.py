"""The results of a batch, as pages read them."""

import json
import shutil

import pytest

from imaging.errors import ImagingError
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
