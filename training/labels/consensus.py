"""What several readers together hold a node to be."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from imaging.review import Review, Verdict


@dataclass(frozen=True, slots=True)
class Consensus:
    """
    The votes on one node; each reader has one.

    Attributes:
        benign: Readers who hold it to be benign.
        metastatic: Readers who hold it to be metastatic.
    """

    benign: int
    metastatic: int

    @property
    def label(self) -> int | None:
        """1 metastatic, 0 benign, None where the node is open: no vote, or as many for as against."""
        return None if self.benign == self.metastatic else int(self.metastatic > self.benign)


def consensus(reviews: Iterable[Review]) -> Consensus:
    """
    Count the votes in the reviews of one node, in the order of the ledger.

    A reader's vote is the latest verdict that decides; to be unsure is no vote, and takes back none.
    """
    votes = {review.reader: review.verdict for review in reviews if review.verdict is not Verdict.UNSURE}
    counts = Counter(votes.values())
    return Consensus(counts[Verdict.BENIGN], counts[Verdict.METASTATIC])
