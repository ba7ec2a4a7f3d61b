"""Opinions for tests."""

from dataclasses import replace
from typing import Any

from imaging.decision import Call
from imaging.review import Verdict
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.findings import ModelRef
from service.opinion import NodeInFiles, Opinion, ReviewedFinding
from service.wire_reviews import opinion_message

FILES = NodeInFiles("a" * 64, "b" * 64, 300)
FINDING = ReviewedFinding("study-7", ModelRef("cnn-gap", 1, "c" * 64), 2, (3.5, -1.25, 51.0), Call.METASTATIC)


def opinion(review_id: str = "review-1", verdict: Verdict = Verdict.BENIGN, **fields: Any) -> Opinion:
    """A reader who finds a node benign that the model called metastatic."""
    return Opinion(review_id, verdict=verdict, **{"reader": "Röntgen", "finding": FINDING, **fields})


def submission(review_id: str = "review-1", **fields: Any) -> messages.SubmitReviewRequest:
    """The same as it is sent."""
    return opinion_message(opinion(review_id, **fields))


def called(call: Call | None) -> ReviewedFinding:
    """The finding, called otherwise."""
    return replace(FINDING, call=call)
