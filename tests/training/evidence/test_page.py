"""The evidence as a page."""

from dataclasses import fields, replace

import pytest

from imaging.roc import Estimate
from training.evidence.counterfactual import Calls, Counterfactual
from training.evidence.localisation import Localisation
from training.evidence.page import CALLS, CHANGES, LOCALISATION, write_evidence_page
from training.report.picture import Picture

PICTURES = [Picture("data:,", f"picture {n}") for n in range(3)]


@pytest.fixture
def page_of(tmp_path):
    """Writes the page of some evidence; its text."""

    def written(evidence):
        write_evidence_page(tmp_path / "evidence.html", evidence, PICTURES)
        return (tmp_path / "evidence.html").read_text()

    return written


def test_all_numbers_are_on_the_page(parts, page_of):
    """Each estimate that was made is told, and that phantoms prove nothing."""
    evidence, *_ = parts
    page = page_of(evidence)
    counterfactual = evidence.counterfactual
    told = [*evidence.localisation.values(), evidence.randomisation, counterfactual, counterfactual.calls]
    estimates = [getattr(each, field.name) for each in told for field in fields(each)]

    assert all(str(estimate) in page for estimate in estimates if isinstance(estimate, Estimate))
    assert all(str(each) in page for each in evidence.randomisation.similarities.values())
    assert all(picture.alt in page for picture in PICTURES)
    assert "SYNTHETIC phantoms" in page
    assert "give a second run" in page
    assert "trained on" not in page


@pytest.mark.parametrize(
    ("rows", "kind", "elsewhere"),
    [
        (LOCALISATION, Localisation, set()),
        (CHANGES, Counterfactual, {"node_count", "left_out_count", "calls"}),
        (CALLS, Calls, {"node_count"}),
    ],
)
def test_no_field_is_forgotten(rows, kind, elsewhere):
    """The rows of each table and what the text names are all that the results have."""
    assert {field.name for field in fields(kind)} == set(rows.values()) | elsewhere
    assert len(set(rows)) == len(rows) == len(set(rows.values()))


def test_guided_maps_are_marked(parts, page_of):
    """Maps that were trained on prove nothing by their place, and the page says so."""
    evidence, *_ = parts

    assert "were <strong>trained on</strong> (guidance 0.5)" in page_of(replace(evidence, guidance=0.5))
