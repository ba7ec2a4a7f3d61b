"""Cohorts with the labels of a ledger."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from imaging.ledger import Ledger, read_ledger
from imaging.review import Review, ReviewedNode
from training.cases import Case, Cohort, read_cohort
from training.labels.consensus import consensus

NodeKey = tuple[str, str, int]
"""Digest of the CT, digest of the mask, value in the mask: see `imaging.review.ReviewedNode.key`."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Relabelling:
    """
    What a ledger makes of a cohort.

    Attributes:
        cohort: With the labels of the ledger.
        changed_count: Nodes whose label differs from the table's.
        open_count: Reviewed nodes that keep the table's label, because the readers are even or unsure.
        stranger_count: Reviews of nodes that are not in the cohort, or do not say of which they are.
    """

    cohort: Cohort
    changed_count: int
    open_count: int
    stranger_count: int


def labelled_cohort(cases_csv: Path, labels: str | None) -> Cohort:
    """
    A table's cohort, its labels corrected by ``LEDGER@REVISION``, by all of ``LEDGER``, or not at all.

    Raises:
        InvalidCases: the table cannot be read.
        InvalidLedger: the ledger cannot be read, is broken, or has no such revision.
    """
    cohort = read_cohort(cases_csv)
    if labels is None:
        return cohort
    return corrected(cohort, *ledger_at(labels))


def corrected(cohort: Cohort, path: Path, ledger: Ledger) -> Cohort:
    """A cohort, its labels corrected by a ledger that was read from a file; it knows file, revision and head."""
    result = relabelled(cohort, ledger)
    log.info(
        "%s@%d: %d of %d nodes have another label than in the table, %d are open",
        path.name,
        ledger.revision,
        result.changed_count,
        len(cohort.cases),
        result.open_count,
    )
    if result.stranger_count:
        log.warning("%d of %d reviews are of no node of this table", result.stranger_count, ledger.revision)
    return replace(result.cohort, labels=f"{path}@{ledger.revision}", labels_digest=ledger.head)


def ledger_at(labels: str) -> tuple[Path, Ledger]:
    """
    The whole path and the content of ``LEDGER@REVISION``, or of all of ``LEDGER``.

    Raises:
        InvalidLedger: it cannot be read, is broken, or has no such revision.
    """
    name, at, revision = labels.rpartition("@")
    if at and revision.isascii() and revision.isdecimal():
        return Path(name).resolve(), read_ledger(Path(name)).at(int(revision))
    return Path(labels).resolve(), read_ledger(Path(labels))


def relabelled(cohort: Cohort, ledger: Ledger) -> Relabelling:
    """Give each reviewed node the label that most of its readers give it; an open one keeps the table's."""
    reviews = reviews_by_node(ledger.reviews)
    keys = [node_of(cohort, case).key for case in cohort.cases]
    decided = {key: consensus(each).label for key, each in reviews.items()}
    labels = [
        case.label if (label := decided.get(key)) is None else label
        for case, key in zip(cohort.cases, keys, strict=True)
    ]
    known = set(keys)
    return Relabelling(
        cohort=cohort.with_labels(labels),
        changed_count=sum(case.label != label for case, label in zip(cohort.cases, labels, strict=True)),
        open_count=sum(decided.get(key, 0) is None for key in keys),
        stranger_count=ledger.revision - sum(len(each) for key, each in reviews.items() if key in known),
    )


def node_of(cohort: Cohort, case: Case) -> ReviewedNode:
    """How reviews name the node of a case."""
    return ReviewedNode(case.node, cohort.file_digests[case.image], cohort.file_digests[case.mask])


def reviews_by_node(reviews: Iterable[Review]) -> dict[NodeKey | None, list[Review]]:
    """The reviews that say of which node they are, in their order; none is under None."""
    groups: dict[NodeKey | None, list[Review]] = {}
    for review in reviews:
        if review.node.key is not None:
            groups.setdefault(review.node.key, []).append(review)
    return groups


def reviewed_places(cohort: Cohort, ledger: Ledger) -> frozenset[int]:
    """The places of the nodes whose readers have decided."""
    decided = {key for key, each in reviews_by_node(ledger.reviews).items() if consensus(each).label is not None}
    return frozenset(n for n, case in enumerate(cohort.cases) if node_of(cohort, case).key in decided)
