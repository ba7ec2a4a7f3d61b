"""A radiologist who knows the truth of phantoms, and errs at a stated rate."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from imaging.review import ReviewedNode, Verdict
from training.cases import Cohort
from training.errors import InvalidCases, InvalidOptions
from training.labels.relabelled import node_of
from training.labels.worklist import Answer, Item


@dataclass(frozen=True, slots=True)
class SimulatedReader:
    """
    A reader of phantoms.

    Attributes:
        accuracy: Share of nodes that are called what they are, of either class.
        seed: Which nodes the reader errs on: the same on every worklist, as a reader would.

    Raises:
        InvalidOptions: the accuracy is no share.
    """

    accuracy: float
    seed: int

    def __post_init__(self) -> None:
        if not 0 <= self.accuracy <= 1:
            raise InvalidOptions(f"accuracy must be from 0 to 1, got {self.accuracy}")

    def answers(self, items: Sequence[Item], truth: Cohort) -> tuple[Answer, ...]:
        """
        Answer a worklist from a table of true labels.

        Raises:
            InvalidCases: the truth is not that of phantoms, or lacks a node.
        """
        if not truth.synthetic:
            raise InvalidCases(f"{truth.table}: only phantoms may be answered by a simulated reader")
        labels = {node_of(truth, case): case.label for case in truth.cases}
        for item in items:
            if item.node not in labels:
                raise InvalidCases(f"{truth.table} does not hold item {item.number}")
        return tuple(Answer(item.number, self.verdict(item.node, labels[item.node])) for item in items)

    def verdict(self, node: ReviewedNode, label: int) -> Verdict:
        """What this reader calls a node of that true label."""
        digest = hashlib.sha256(repr(node.key).encode()).digest()
        errs = np.random.default_rng([self.seed, *digest]).random() >= self.accuracy
        return Verdict.METASTATIC if bool(label) != errs else Verdict.BENIGN
