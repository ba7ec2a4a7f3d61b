"""How much better an audit found wrong labels than chance, once readers have answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scipy.stats import binomtest

from imaging.review import Review
from imaging.roc import CONFIDENCE, Estimate
from training.labels.consensus import consensus
from training.labels.relabelled import reviews_by_node
from training.labels.worklist import Item


@dataclass(frozen=True, slots=True)
class Share:
    """
    Wrong labels among the answered items of one kind.

    Attributes:
        wrong: Items whose readers contradict the label.
        answered: Items that the readers decided.
        share: The ratio with Wilson's interval (1927, J. Am. Stat. Assoc. 22:209); None where nothing was answered.
    """

    wrong: int
    answered: int
    share: Estimate | None

    def __str__(self) -> str:
        """Such as ``7 of 10: 0.700 (0.397 to 0.892)``."""
        return f"{self.wrong} of {self.answered}" + ("" if self.share is None else f": {self.share}")


@dataclass(frozen=True, slots=True)
class Lift:
    """
    Wrong labels among what the audit ranked, and among what was drawn at random.

    Attributes:
        ranked: Of the top of the ranking.
        control: Of all nodes that nobody had reviewed before, as the random ones stand for them: an estimate of the
            noise that owes nothing to models.
    """

    ranked: Share
    control: Share

    @property
    def value(self) -> float | None:
        """How many times more often the ranked ones are wrong; None where no control is."""
        if self.ranked.share is None or self.control.share is None or not self.control.wrong:
            return None
        return self.ranked.share.value / self.control.share.value


def measured_lift(items: Sequence[Item], reviews: Iterable[Review]) -> Lift:
    """Compare the labels of a worklist's items with what the readers of it, by majority, hold them to be."""
    decided = {key: consensus(each).label for key, each in reviews_by_node(reviews).items()}
    answers = [(item, label) for item in items if (label := decided.get(item.node.key)) is not None]
    return Lift(
        ranked=_share([label != item.label for item, label in answers if item.ranked]),
        control=_share([label != item.label for item, label in answers if item.control]),
    )


def _share(wrong: Sequence[bool]) -> Share:
    count, answered = sum(wrong), len(wrong)
    if not answered:
        return Share(0, 0, None)
    interval = binomtest(count, answered).proportion_ci(CONFIDENCE, method="wilson")
    return Share(count, answered, Estimate(count / answered, float(interval.low), float(interval.high)))
