"""What a reader said about a node."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from imaging.errors import InvalidReview

HIGHEST_CONFIDENCE = 5


class Verdict(StrEnum):
    """What a reader holds a node to be."""

    BENIGN = "benign"
    METASTATIC = "metastatic"
    UNSURE = "unsure"

    @property
    def label(self) -> int | None:
        """1 metastatic, 0 benign, None unsure."""
        return {Verdict.BENIGN: 0, Verdict.METASTATIC: 1, Verdict.UNSURE: None}[self]


@dataclass(frozen=True, slots=True)
class ReviewedNode:
    """
    Which node was looked at; never whose it is.

    Two kinds of review name their node in two ways. One of a table of cases has the digests of its files, so that the
    node is found wherever they lie. One of a finding of the service has model, request and place; where the client
    has the files, it may send their digests too, and then the review counts for training.

    Attributes:
        label: The node's value in the mask; without digests, its number in the answer.
        image_digest: SHA-256 of the CT's file.
        mask_digest: SHA-256 of the mask's file.
        model: Name of the model whose finding it is.
        model_version: Version of that model.
        request_id: Of the request that was answered with the finding.
        centroid_mm: x, y, z of the node's centre in LPS.

    Raises:
        InvalidReview: the label is no value of a mask.
    """

    label: int
    image_digest: str | None = None
    mask_digest: str | None = None
    model: str | None = None
    model_version: int | None = None
    request_id: str | None = None
    centroid_mm: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.label, int) or not 1 <= self.label <= 65535:
            raise InvalidReview(f"a node's label must be from 1 to 65535, got {self.label!r}")

    @property
    def key(self) -> tuple[str, str, int] | None:
        """Digest of the CT, of the mask, and label: the same for the same node everywhere; None without digests."""
        if self.image_digest is None or self.mask_digest is None:
            return None
        return self.image_digest, self.mask_digest, self.label


@dataclass(frozen=True, slots=True)
class Review:
    """
    One verdict of one reader on one node.

    Attributes:
        entry_id: Of the review; the same review sent twice has the same, and is stored once.
        when: ISO 8601 time, UTC.
        reader: Who looked.
        verdict: What the reader holds the node to be.
        node: Which one.
        old_label: The node's label when the reader was asked, or None where it had none.
        confidence: From 1, a guess, to 5, certain; None where not said.
        reason: In the reader's words.
        source: Where the verdict was given, such as the digest of a worklist.

    Raises:
        InvalidReview: a value is none of the above.
    """

    entry_id: str
    when: str
    reader: str
    verdict: Verdict
    node: ReviewedNode
    old_label: int | None = None
    confidence: int | None = None
    reason: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        for name in ("entry_id", "reader"):
            if not getattr(self, name).strip():
                raise InvalidReview(f"{name} must not be empty")
        if not _is_utc(self.when):
            raise InvalidReview(f"when must be a time in UTC, like 2026-11-25T08:00:00Z, got {self.when}")
        if self.old_label not in (None, 0, 1):
            raise InvalidReview(f"old_label must be 0, 1 or nothing, got {self.old_label!r}")
        if self.confidence is not None and not 1 <= self.confidence <= HIGHEST_CONFIDENCE:
            raise InvalidReview(f"confidence must be from 1 to {HIGHEST_CONFIDENCE}, got {self.confidence}")

    @property
    def new_label(self) -> int | None:
        """What the label becomes if this verdict alone counts."""
        return self.old_label if self.verdict is Verdict.UNSURE else self.verdict.label

    def to_dict(self) -> dict[str, Any]:
        """The review as plain values."""
        return {**asdict(self), "new_label": self.new_label}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Review":
        """
        Read what `to_dict` wrote.

        Raises:
            InvalidReview: a field is missing, unknown or impossible.
        """
        fields = {name: value for name, value in plain.items() if name != "new_label"}
        try:
            node = dict(fields["node"])
            if node["centroid_mm"] is not None:
                x, y, z = node["centroid_mm"]
                node["centroid_mm"] = (float(x), float(y), float(z))
            review = cls(**{**fields, "verdict": Verdict(fields["verdict"]), "node": ReviewedNode(**node)})
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidReview(f"not a review: {error}") from error
        if review.new_label != plain.get("new_label"):
            raise InvalidReview(f"new_label {plain.get('new_label')!r} does not follow from the verdict")
        return review

    def canonical(self) -> str:
        """The one JSON text of this review: keys sorted, no blanks, ASCII."""
        return json.dumps(self.to_dict(), sort_keys=True, separators=(",", ":"), allow_nan=False)


def _is_utc(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).utcoffset() == timedelta(0)
    except ValueError:
        return False
