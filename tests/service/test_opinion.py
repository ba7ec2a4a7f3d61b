"""What a reader says about a finding."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from imaging.crop import NodeStatus
from imaging.decision import Call
from imaging.review import ReviewedNode, Verdict
from service.findings import ModelRef
from service.opinion import ReviewedFinding
from tests.service.answers import answer, node
from tests.service.opinions import FILES, FINDING, called, opinion

WHEN = datetime(2026, 11, 25, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("verdict", "call", "agrees"),
    [
        (Verdict.BENIGN, Call.BENIGN, True),
        (Verdict.METASTATIC, Call.METASTATIC, True),
        (Verdict.BENIGN, Call.METASTATIC, False),
        (Verdict.METASTATIC, Call.BENIGN, False),
        (Verdict.UNSURE, Call.METASTATIC, None),
        (Verdict.BENIGN, None, None),
    ],
)
def test_reader_and_model_agree_or_not(verdict, call, agrees):
    """Where one of them says nothing there is neither agreement nor contradiction."""
    assert agrees is opinion(verdict=verdict, finding=called(call)).agrees


def test_the_entry_tells_what_was_looked_at():
    """Reader, words, place and model stand in the ledger; the source tells the model's file and its call."""
    stored = opinion(comment="fatty hilum", confidence=4).review(WHEN)

    assert ("review-1", "Röntgen", Verdict.BENIGN) == (stored.entry_id, stored.reader, stored.verdict)
    assert ("fatty hilum", 4, "2026-11-25T08:00:00+00:00") == (stored.reason, stored.confidence, stored.when)
    assert f"service; model {'c' * 64}; call metastatic" == stored.source
    assert stored.node == ReviewedNode(
        2, model="cnn-gap", model_version=1, request_id="study-7", centroid_mm=FINDING.centroid_mm
    )


def test_a_node_in_files_has_its_value_there():
    """Components are numbered by volume, and training looks for the value in the mask: the files' label counts."""
    stored = opinion(finding=replace(FINDING, files=FILES)).review(WHEN)

    assert ("a" * 64, "b" * 64, 300) == stored.node.key
    assert opinion().review(WHEN).node.key is None


def test_what_is_not_known_is_said_to_be():
    """A model without digest and a node without call leave no gap in the source."""
    finding = replace(called(None), model=ModelRef("cnn", 1, ""))

    assert "service; model unknown; call none" == opinion(finding=finding).review(WHEN).source


def test_a_finding_is_a_node_of_an_answer():
    """Request, model, number, place and call are the answer's; an unscored node has no call."""
    scored, small = node(1), node(2, NodeStatus.TOO_SMALL)
    found = answer(scored, small)

    assert ReviewedFinding("request-1", found.model, 1, (9.0, -3.0, 107.5), Call.METASTATIC, FILES) == (
        ReviewedFinding.of(found, scored, FILES)
    )
    assert ReviewedFinding.of(found, small).call is None
