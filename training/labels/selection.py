"""Which nodes a reader is asked about, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from training.errors import InvalidOptions

SHARE = 0.25
"""Of the nodes, that a reader is asked about where no number is given."""

CONTROL_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Choice:
    """
    One node of a worklist.

    Attributes:
        node: Its place among the audited nodes.
        rank: From 1, the label most to be doubted.
        ranked: Whether it is asked about for its rank.
        control: Whether it was drawn at random from all nodes that nobody has reviewed; it may be both.
    """

    node: int
    rank: int
    ranked: bool
    control: bool


def chosen(qualities: NDArray[np.float64], size: int | None, control_share: float, seed: int) -> tuple[Choice, ...]:
    """
    Draw the controls from all nodes, fill up with the most doubtful ones, and shuffle.

    Controls are drawn without a look at the ranks, so that their share of wrong labels is that of all nodes; the
    others are the top of the ranking without a gap, so that theirs is that of the ranking.

    Args:
        qualities: Of the labels, (nodes,); the lower, the more to be doubted.
        size: Nodes to ask about; a quarter of all if not given.
        control_share: Of these, those drawn at random.
        seed: Of the draw and of the order.

    Raises:
        InvalidOptions: size or share is out of its range.
    """
    count = len(qualities)
    wanted = max(1, round(SHARE * count)) if size is None else size
    if not 1 <= wanted <= count:
        raise InvalidOptions(f"--size {wanted}: there are {count} audited nodes")
    if not 0 <= control_share <= 1:
        raise InvalidOptions(f"--control-share {control_share}: must be from 0 to 1")
    rng = np.random.default_rng(seed)
    controls = set(rng.permutation(count)[: round(control_share * wanted)].tolist())
    order = np.argsort(qualities, kind="stable").tolist()
    top: list[int] = []
    for node in order:
        if len(controls.union(top, [node])) > wanted:
            break
        top.append(node)
    ranks = {node: rank for rank, node in enumerate(order, start=1)}
    ranked = set(top)
    shuffled = rng.permutation(sorted(controls | ranked)).tolist()
    return tuple(Choice(node, ranks[node], node in ranked, node in controls) for node in shuffled)


def chosen_among(
    left: Sequence[int], qualities: NDArray[np.float64], size: int | None, control_share: float, seed: int
) -> tuple[Choice, ...]:
    """
    Choose as `chosen` does, but among some of the nodes only: those that nobody has reviewed.

    Args:
        left: Their places; ranks, controls and a quarter of all are among them. Of none, none is chosen.
        qualities: Of all labels, (nodes,).
        size: Nodes to ask about.
        control_share: Of these, those drawn at random.
        seed: Of the draw and of the order.

    Raises:
        InvalidOptions: size or share is out of its range.
    """
    if not left:
        return ()
    choices = chosen(qualities[np.asarray(left, dtype=np.int64)], size, control_share, seed)
    return tuple(replace(each, node=left[each.node]) for each in choices)
