"""What a reader is asked about: one node of a batch."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from imaging.decision import Call
from imaging.file_digest import file_digest
from imaging.mask import NodeMask
from imaging.node import Node
from imaging.review import Review, Verdict
from service.findings import ModelRef
from service.opinion import NodeInFiles, Opinion, ReviewedFinding
from service.pages.entry import Entry
from service.pages.results import Result, Results

Key = tuple[str | None, tuple[float, ...] | None]
"""A node of an answer: the request's id, and the centre in LPS in mm."""


def key_of(review: Review) -> Key:
    """Of which node of which answer a review is."""
    return review.node.request_id, review.node.centroid_mm


@dataclass(frozen=True, eq=False)
class Asked:
    """
    A case, and where its nodes lie in its files.

    Attributes:
        number: Of the case, from 0.
        result: What was found in it.
    """

    number: int
    result: Result

    @cached_property
    def request_id(self) -> str:
        """Of the request that was answered; without a server there was none, and model and case make one up."""
        findings, case = self.result.findings, self.result.case
        made_up = hashlib.sha256(json.dumps([findings["model"], str(case.image), case.name]).encode()).hexdigest()
        return findings["request_id"] or f"batch-{made_up[:32]}"

    @cached_property
    def places(self) -> dict[int, NodeInFiles]:
        """
        The nodes in the case's files, by label; read when first asked for.

        A node has no place where its value in the mask's file is that of another node too, or where one DICOM folder
        holds both CT and mask: reviews of it do not count for training.
        """
        case = self.result.case
        if case.mask is None:
            return {}
        images, nodes = self.result.read()
        image_digest, mask_digest = file_digest(case.image), file_digest(case.mask)
        return {
            label: NodeInFiles(image_digest, mask_digest, value)
            for label, value in values_in_file(images.mask, nodes).items()
        }


@dataclass(frozen=True, eq=False)
class Item:
    """
    One node.

    Attributes:
        asked: The case that it is of.
        node: As ``findings.json`` has it.
    """

    asked: Asked
    node: dict[str, Any]

    @property
    def entry(self) -> Entry:
        """The node as a page tells of it."""
        return Entry.of(self.node, self.asked.result.case.name)

    def opinion(self, reader: str, verdict: Verdict, comment: str, earlier: Sequence[Review]) -> Opinion:
        """
        What a reader says.

        Its id follows from what is said, by whom and after what, so that the same click sent twice is stored once.

        Args:
            reader: Who says it.
            verdict: What the reader holds the node to be.
            comment: In the reader's words.
            earlier: What the reader has said about this node before.
        """
        finding = self.finding(self.asked.places.get(self.node["label"]))
        said = [finding.request_id, finding.label, finding.centroid_mm, reader, verdict.value, comment, len(earlier)]
        review_id = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]
        return Opinion(f"page-{review_id}", reader, verdict, finding, comment)

    def finding(self, files: NodeInFiles | None) -> ReviewedFinding:
        """What the reader looks at."""
        findings = self.asked.result.findings
        model, call = findings["model"], self.node["call"]
        x, y, z = self.node["centroid_lps_mm"]
        return ReviewedFinding(
            request_id=self.asked.request_id,
            model=ModelRef(model["name"], model["version"], model["digest"]),
            label=self.node["label"],
            centroid_mm=(x, y, z),
            call=Call(call) if call else None,
            files=files,
        )

    @property
    def key(self) -> Key:
        """By which the ledger knows the node."""
        return self.asked.request_id, tuple(self.node["centroid_lps_mm"])


def items_of(results: Results) -> tuple[Item, ...]:
    """All nodes that were found, in the order of the cases."""
    return tuple(
        Item(asked, node)
        for asked in (Asked(number, result) for number, result in enumerate(results.scored))
        for node in asked.result.findings["nodes"]
    )


def values_in_file(mask: NodeMask, nodes: Sequence[Node]) -> dict[int, int]:
    """The value of each node in its mask, by label; nodes that share a value, or have several, are left out."""
    values = {node.label: set(_values(mask, node)) for node in nodes}
    counts = [value for each in values.values() for value in each]
    return {
        label: value
        for label, each in values.items()
        if len(each) == 1 and counts.count(value := next(iter(each))) == 1
    }


def _values(mask: NodeMask, node: Node) -> Iterator[int]:
    k, j, i = np.rint(mask.geometry.indices_at(node.points_mm())).astype(int).T
    yield from np.unique(mask.labels[k, j, i]).tolist()
