"""Reviews on the wire, and what they mean."""

import re
from math import isfinite
from typing import Any
from unicodedata import category

from imaging.decision import Call
from imaging.geometry import Triple
from imaging.review import HIGHEST_CONFIDENCE, Verdict
from nodelens.v1 import images_pb2 as images
from nodelens.v1 import node_classifier_service_pb2 as messages
from nodelens.v1 import reviews_pb2 as reviews
from service.faults import InvalidRequest, Reason
from service.opinion import NodeInFiles, Opinion, Receipt, ReviewedFinding
from service.wire import require_request_id
from service.wire_findings import CALLS, model_from, model_message

NAME_LENGTH = 128
"""Characters of a reader's or a model's name."""

COMMENT_LENGTH = 2000
"""Characters of a comment."""

HIGHEST_LABEL = 65535

CONTROL = {"Cc", "Zl", "Zp"}
"""Unicode's categories of control characters, line breaks among them."""

DIGEST = re.compile(r"[0-9a-f]{64}")
VERDICTS: dict[Verdict, Any] = {Verdict.BENIGN: 1, Verdict.METASTATIC: 2, Verdict.UNSURE: 3}


def opinion_message(opinion: Opinion) -> messages.SubmitReviewRequest:
    """A verdict as it is sent."""
    finding, files = opinion.finding, opinion.finding.files
    x, y, z = finding.centroid_mm
    return messages.SubmitReviewRequest(
        review_id=opinion.review_id,
        reader=opinion.reader,
        verdict=VERDICTS[opinion.verdict],
        comment=opinion.comment,
        confidence=opinion.confidence,
        finding=reviews.ReviewedFinding(
            request_id=finding.request_id,
            model=model_message(finding.model),
            label=finding.label,
            centroid_mm=images.Point(x=x, y=y, z=z),
            call=CALLS[finding.call] if finding.call else None,
            files=reviews.NodeInFiles(image_digest=files.image_digest, mask_digest=files.mask_digest, label=files.label)
            if files
            else None,
        ),
    )


def opinion_from(message: messages.SubmitReviewRequest) -> Opinion:
    """
    A verdict as it was sent.

    Raises:
        InvalidRequest: a field is missing or impossible; it is named, and what it holds is not repeated.
    """
    _require_id(message.review_id, "review_id")
    _require_name(message.reader, "reader")
    if message.verdict not in VERDICTS.values():
        raise _invalid("verdict", "must be VERDICT_BENIGN, VERDICT_METASTATIC or VERDICT_UNSURE")
    _require_plain(message.comment, COMMENT_LENGTH, "comment")
    confidence = message.confidence if message.HasField("confidence") else None
    if confidence is not None and not 1 <= confidence <= HIGHEST_CONFIDENCE:
        raise _invalid("confidence", f"must be from 1 to {HIGHEST_CONFIDENCE}, or left out")
    return Opinion(
        review_id=message.review_id,
        reader=message.reader,
        verdict=next(verdict for verdict, number in VERDICTS.items() if number == message.verdict),
        finding=_finding_from(message.finding),
        comment=message.comment,
        confidence=confidence,
    )


def receipt_message(receipt: Receipt) -> messages.SubmitReviewResponse:
    """A receipt as it is sent."""
    return messages.SubmitReviewResponse(review_id=receipt.review_id, stored=receipt.stored, revision=receipt.revision)


def receipt_from(message: messages.SubmitReviewResponse) -> Receipt:
    """A receipt as it was sent."""
    return Receipt(message.review_id, message.stored, message.revision)


def _finding_from(message: reviews.ReviewedFinding) -> ReviewedFinding:
    _require_id(message.request_id, "finding.request_id")
    _require_name(message.model.name, "finding.model.name")
    if not message.model.version:
        raise _invalid("finding.model.version", "must be at least 1")
    if message.model.digest:
        _require_digest(message.model.digest, "finding.model.digest")
    _require_label(message.label, "finding.label")
    calls: dict[int, Call | None] = {0: None} | {number: call for call, number in CALLS.items()}
    if message.call not in calls:
        raise _invalid("finding.call", "must be CALL_BENIGN, CALL_METASTATIC or left out")
    return ReviewedFinding(
        request_id=message.request_id,
        model=model_from(message.model),
        label=message.label,
        centroid_mm=_centroid_from(message),
        call=calls[message.call],
        files=_files_from(message.files) if message.HasField("files") else None,
    )


def _centroid_from(message: reviews.ReviewedFinding) -> Triple:
    if not message.HasField("centroid_mm"):
        raise _invalid("finding.centroid_mm", "must be that of the finding")
    point = message.centroid_mm
    for name in "xyz":
        if not isfinite(getattr(point, name)):
            raise _invalid(f"finding.centroid_mm.{name}", "must be finite")
    return point.x, point.y, point.z


def _files_from(message: reviews.NodeInFiles) -> NodeInFiles:
    _require_digest(message.image_digest, "finding.files.image_digest")
    _require_digest(message.mask_digest, "finding.files.mask_digest")
    _require_label(message.label, "finding.files.label")
    return NodeInFiles(message.image_digest, message.mask_digest, message.label)


def _require_id(value: str, field: str) -> None:
    if not value:
        raise _invalid(field, "must not be empty")
    require_request_id(value, field)


def _require_name(value: str, field: str) -> None:
    if not value.strip():
        raise _invalid(field, "must not be empty")
    _require_plain(value, NAME_LENGTH, field)


def _require_plain(value: str, length: int, field: str) -> None:
    if len(value) > length:
        raise _invalid(field, f"at most {length} characters are allowed, got {len(value)}")
    if any(category(character) in CONTROL for character in value):
        raise _invalid(field, "must not hold control characters or line breaks")


def _require_digest(value: str, field: str) -> None:
    if not DIGEST.fullmatch(value):
        raise _invalid(field, "must be a SHA-256 as 64 lower-case hexadecimal digits")


def _require_label(value: int, field: str) -> None:
    if not 1 <= value <= HIGHEST_LABEL:
        raise _invalid(field, f"must be from 1 to {HIGHEST_LABEL}")


def _invalid(field: str, message: str) -> InvalidRequest:
    return InvalidRequest(field, message, Reason.INVALID_REVIEW)
