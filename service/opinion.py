"""What a reader says about a finding of the service."""

from dataclasses import dataclass
from datetime import datetime

from imaging.decision import Call
from imaging.geometry import Triple
from imaging.review import Review, ReviewedNode, Verdict
from service.findings import Classification, ModelRef, NodeFinding


@dataclass(frozen=True, slots=True)
class NodeInFiles:
    """
    Where a node lies in the caller's files; its review then counts for training on tables of these files.

    Attributes:
        image_digest: SHA-256 of the CT's file, in lower-case hexadecimal.
        mask_digest: SHA-256 of the mask's file, likewise.
        label: The node's value in the mask's file; that of the finding only where nodes were separated by labels.
    """

    image_digest: str
    mask_digest: str
    label: int


@dataclass(frozen=True, slots=True)
class ReviewedFinding:
    """
    What a reader looked at.

    Attributes:
        request_id: Of the request that was answered with the finding.
        model: The model that scored; its digest may be empty.
        label: The node's number in the answer.
        centroid_mm: x, y, z of its centre in LPS.
        call: The model's; None where the node was not scored.
        files: The node in the caller's files; None where there are none.
    """

    request_id: str
    model: ModelRef
    label: int
    centroid_mm: Triple
    call: Call | None = None
    files: NodeInFiles | None = None

    @classmethod
    def of(cls, found: Classification, node: NodeFinding, files: NodeInFiles | None = None) -> "ReviewedFinding":
        """A node of an answer."""
        call = node.score.call if node.score else None
        return cls(found.request_id, found.model, node.label, node.centroid_mm, call, files)

    @property
    def node(self) -> ReviewedNode:
        """The same for the ledger: by its value in the files, where there are any."""
        files = self.files
        return ReviewedNode(
            label=files.label if files else self.label,
            image_digest=files.image_digest if files else None,
            mask_digest=files.mask_digest if files else None,
            model=self.model.name,
            model_version=self.model.version,
            request_id=self.request_id,
            centroid_mm=self.centroid_mm,
        )


@dataclass(frozen=True, slots=True)
class Opinion:
    """
    One verdict of one reader on one finding.

    Attributes:
        review_id: The same for one that is sent twice, so that it is stored once.
        reader: Who looked.
        verdict: What the reader holds the node to be.
        finding: What the reader looked at.
        comment: In the reader's words.
        confidence: From 1, a guess, to 5, certain; None where not said.
    """

    review_id: str
    reader: str
    verdict: Verdict
    finding: ReviewedFinding
    comment: str = ""
    confidence: int | None = None

    @property
    def agrees(self) -> bool | None:
        """Whether reader and model say the same; None where one of them says nothing."""
        if self.finding.call is None or self.verdict is Verdict.UNSURE:
            return None
        return self.verdict.value == self.finding.call.value

    def review(self, when: datetime) -> Review:
        """The ledger's entry; its source tells which file scored, and what the model had called the node."""
        finding = self.finding
        return Review(
            entry_id=self.review_id,
            when=when.isoformat(),
            reader=self.reader,
            verdict=self.verdict,
            node=finding.node,
            confidence=self.confidence,
            reason=self.comment,
            source=f"service; model {finding.model.digest or 'unknown'}; call {finding.call or 'none'}",
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    What the server says about a review that it has.

    Attributes:
        review_id: Of the review.
        stored: Whether this call stored it; False where it was known already.
        revision: The first revision of the server's ledger that has it.
    """

    review_id: str
    stored: bool
    revision: int
