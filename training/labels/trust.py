"""What a label counts for, once some of them were reviewed."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

LEAST = 0.01
"""Of a label that nobody reviewed: without any, a class might have no weight at all."""


def trust(reviewed: Iterable[int], count: int, noise: float) -> NDArray[np.float64]:
    """
    Weights to learn with, (nodes,): 1 where a reader has looked, (1 - 2 * noise)^2 elsewhere.

    Where a label is wrong with chance η, what a feature's mean differs by between the classes shrinks by 1 - 2η, while
    it varies as before: such a label tells as much as (1 - 2η)² right ones.

    >>> trust([1], 3, 0.4).round(2).tolist()
    [0.04, 1.0, 0.04]

    Args:
        reviewed: Places of the nodes that readers have decided.
        count: Of all nodes.
        noise: Share of wrong labels among the others, as random controls show it.
    """
    weights = np.full(count, max((1 - 2 * min(noise, 0.5)) ** 2, LEAST))
    weights[list(reviewed)] = 1.0
    return weights
