"""Reviews on the wire."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.decision import Call
from imaging.review import Verdict
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.faults import InvalidRequest
from service.opinion import Receipt
from service.wire_reviews import opinion_from, opinion_message, receipt_from, receipt_message
from tests.service.opinions import FILES, FINDING, called, opinion, submission


@given(
    st.sampled_from(Verdict),
    st.sampled_from([None, *Call]),
    st.none() | st.integers(1, 5),
    st.sampled_from([None, FILES]),
    st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=40),
)
def test_opinions_survive(verdict, call, confidence, files, comment):
    """What is sent is received, in any script."""
    sent = opinion(verdict=verdict, comment=comment, confidence=confidence, finding=replace(called(call), files=files))

    assert sent == opinion_from(messages.SubmitReviewRequest.FromString(opinion_message(sent).SerializeToString()))


def test_receipts_survive():
    """What is sent is received."""
    for receipt in (Receipt("review-1", True, 7), Receipt("review-2", False, 2**40)):
        assert receipt == receipt_from(receipt_message(receipt))


def test_the_bounds_are_allowed():
    """The longest names and comments are taken, and so is a line of Persian with its joiner."""
    longest = opinion("r" * 128, reader="n" * 128, comment="می\u200cبینم".ljust(2000))

    assert longest == opinion_from(opinion_message(longest))


WRONG = [
    ("review_id", {"review_id": ""}),
    ("review_id", {"review_id": "two words"}),
    ("review_id", {"review_id": "r" * 129}),
    ("reader", {"reader": ""}),
    ("reader", {"reader": " "}),
    ("reader", {"reader": "n" * 129}),
    ("reader", {"reader": "Curie\x1b[2J"}),
    ("verdict", {"verdict": 0}),
    ("verdict", {"verdict": 9}),
    ("comment", {"comment": "c" * 2001}),
    ("comment", {"comment": "one\ntwo"}),
    ("comment", {"comment": "one\u2028two"}),
    ("comment", {"comment": "\x00"}),
    ("confidence", {"confidence": 0}),
    ("confidence", {"confidence": 6}),
]


@pytest.mark.parametrize(("named", "fields"), WRONG)
def test_a_wrong_field_is_named(named, fields):
    """Whoever reads the refusal knows what to mend; what was sent is not repeated."""
    message = submission()
    for name, value in fields.items():
        setattr(message, name, value)
    with pytest.raises(InvalidRequest) as error:
        opinion_from(message)

    assert named == error.value.field
    assert not any(isinstance(value, str) and len(value) > 1 and value in str(error.value) for value in fields.values())


WRONG_FINDINGS = [
    ("request_id", lambda finding: finding.ClearField("request_id")),
    ("model.name", lambda finding: finding.model.ClearField("name")),
    ("model.name", lambda finding: setattr(finding.model, "name", "cnn\r")),
    ("model.version", lambda finding: finding.model.ClearField("version")),
    ("model.digest", lambda finding: setattr(finding.model, "digest", "c" * 63)),
    ("label", lambda finding: finding.ClearField("label")),
    ("label", lambda finding: setattr(finding, "label", 65536)),
    ("centroid_mm", lambda finding: finding.ClearField("centroid_mm")),
    ("centroid_mm.y", lambda finding: setattr(finding.centroid_mm, "y", math.nan)),
    ("centroid_mm.z", lambda finding: setattr(finding.centroid_mm, "z", math.inf)),
    ("call", lambda finding: setattr(finding, "call", 7)),
    ("files.image_digest", lambda finding: finding.files.ClearField("image_digest")),
    ("files.image_digest", lambda finding: setattr(finding.files, "image_digest", "A" * 64)),
    ("files.mask_digest", lambda finding: setattr(finding.files, "mask_digest", "b" * 64 + "\n")),
    ("files.label", lambda finding: finding.files.ClearField("label")),
]


@pytest.mark.parametrize(("named", "spoil"), WRONG_FINDINGS)
def test_a_wrong_field_of_the_finding_is_named(named, spoil):
    """The path leads to it; a finding that cannot be found again is no use to anyone."""
    message = submission(finding=replace(FINDING, files=FILES))
    spoil(message.finding)
    with pytest.raises(InvalidRequest) as error:
        opinion_from(message)

    assert f"finding.{named}" == error.value.field
