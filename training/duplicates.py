"""
Crops that show one node twice.

One CT that was exported twice has other bytes, another header or another patient, and its node leaks all the same.
What remains equal is the detail of the crop: its shape and its surroundings, wherever the crop was cut and whatever
noise a second reconstruction added.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter
from scipy.optimize import minimize

from imaging.interpolation import read_rows_and_columns

LIKENESS = 0.9
"""
Correlation of aligned detail from which on two crops are one. `tests.bench.likeness` measures both sides on a table of
cases: crops of different patients reached 0.851 at most among 720 lung nodules (LIDC-IDRI) and 0.872 among 403 phantom
nodes; the more pairs, the higher. Of copies that were moved by up to 1 mm, scaled by up to 5 % and given other noise of
10 HU, all of the nodules reached it (96 pixels, lung window) and half of the phantoms (48 pixels, abdominal window): a
second reconstruction with noise of its own, seen in a narrow window, may pass for another node; a second export does
not.
"""

LEAST_DETAIL = 0.1
"""
Share of pixels within the margin that are neither black nor white. A crop below it is a blob on nothing, like any
other, and only equal pixels make it a duplicate.
"""

SAME = 0.003
"""Difference of pixels that rounding may make; about 1 HU."""

SIDE, SCREEN_SIDE = 48, 32
"""Pixels along a crop on which likeness is measured, and on which pairs are looked for."""

BLUR = 2.0
"""Standard deviation in pixels; what is smoother is taken away: that a node is bright and round makes no duplicate."""

SCREEN_LIKENESS = 0.8
"""What a pair must reach on the screen to be looked at; nearly all copies that reach the bar above do."""

SCALES = (0.95, 0.975, 1.0, 1.025, 1.05)
SHIFTS = range(-2, 3)
"""Pixels of the screen."""

MARGIN = 1 / 8
"""Of a crop's side, at its rim: it is not compared, a moved copy has other pixels there."""

STEPS = 80


@dataclass(frozen=True, slots=True)
class Duplicate:
    """
    Two crops that show one node.

    Attributes:
        first: Place of the one.
        second: Place of the other; larger.
        likeness: Correlation of their detail, at most 1; 1 where their pixels are equal.
    """

    first: int
    second: int
    likeness: float


def find_duplicates(
    pixels: NDArray[np.float32], patients: ArrayLike, likeness: float = LIKENESS
) -> tuple[Duplicate, ...]:
    """
    The pairs of crops of different patients that show one node.

    Pairs are looked for by normalised correlation over a few shifts and scales; each is then aligned to fractions of a
    pixel. Crops of one value say nothing and are no duplicates.

    Args:
        pixels: (nodes, slices, rows, columns) in [0, 1].
        patients: Whose the nodes are, (nodes,): a patient's own nodes are not compared.
        likeness: From which on two crops are one.
    """
    if not len(pixels):
        return ()
    detailed = [_share_of_detail(crop) >= LEAST_DETAIL for crop in pixels]
    reduced = _reduced(pixels, SIDE)
    detail = _detail(reduced)
    found = []
    for first, second, start in _candidates(_detail(_reduced(pixels, SCREEN_SIDE)), np.asarray(patients)):
        if np.abs(reduced[first] - reduced[second]).max() <= SAME:
            found.append(Duplicate(first, second, 1.0))
        elif detailed[first] and detailed[second]:
            reached = _aligned_likeness(detail[first], detail[second], start)
            if reached >= likeness:
                found.append(Duplicate(first, second, reached))
    return tuple(found)


def _share_of_detail(crop: NDArray[np.float32]) -> float:
    """Pixels of one crop within the margin that are neither black nor white."""
    top, left = (round(count * MARGIN) for count in crop.shape[1:])
    inner = crop[:, top : crop.shape[1] - top, left : crop.shape[2] - left]
    return float(((inner > 0) & (inner < 1)).mean())


def _reduced(pixels: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Means over equal areas, (nodes, slices, side, side)."""
    rows, columns = (_averages(count, side) for count in pixels.shape[2:])
    return np.array([rows @ np.asarray(crop) @ columns.T for crop in pixels], dtype=np.float32)


def _averages(count: int, side: int) -> NDArray[np.float32]:
    """Weights of ``count`` pixels in each of ``side`` equal lengths, (side, count)."""
    edges, starts = np.linspace(0, count, side + 1)[:, None], np.arange(count)[None]
    shares = np.clip(np.minimum(edges[1:], starts + 1) - np.maximum(edges[:-1], starts), 0, None)
    weights: NDArray[np.float32] = (shares * side / count).astype(np.float32)
    return weights


def _detail(reduced: NDArray[np.float32]) -> NDArray[np.float32]:
    """What is finer than the blur."""
    smooth: NDArray[np.float32] = gaussian_filter(reduced, (0, 0, BLUR, BLUR), mode="nearest")
    return reduced - smooth


def _candidates(
    detail: NDArray[np.float32], patients: NDArray[np.generic]
) -> Iterator[tuple[int, int, tuple[float, float, float]]]:
    """Places of two crops that might be one, and the scale and shift, in shares of the side, at which they do."""
    inner = _compared(detail)
    views = tuple(product(SCALES, SHIFTS, SHIFTS))
    best = np.full((len(detail), len(detail)), SCREEN_LIKENESS, dtype=np.float32)
    view_of = np.full(best.shape, -1, dtype=np.int16)
    for number, (scale, *shift) in enumerate(views):
        likeness = inner @ _compared(_moved(detail, scale, np.array(shift, dtype=np.float64))).T
        better = likeness > best
        best[better], view_of[better] = likeness[better], number
    apart = np.triu(patients[:, None] != patients[None])
    for first, second in np.argwhere(apart & (view_of >= 0)).tolist():
        scale, down, right = views[view_of[first, second]]
        yield first, second, (scale, down / SCREEN_SIDE, right / SCREEN_SIDE)


def _aligned_likeness(
    first: NDArray[np.float32], second: NDArray[np.float32], start: tuple[float, float, float]
) -> float:
    """The highest correlation near a scale and shift; both crops are (slices, side, side)."""
    fixed, side = _compared(first[None])[0], first.shape[-1]

    def unlikeness(place: NDArray[np.float64]) -> float:
        moved = _moved(second[None], 1 + place[0] / side, place[1:])
        return -float(fixed @ _compared(moved)[0])

    origin = np.array([(start[0] - 1) * side, start[1] * side, start[2] * side])
    simplex = origin + np.vstack([np.zeros(3), np.eye(3)])
    found: Any = minimize(
        unlikeness, origin, method="Nelder-Mead", options={"maxiter": STEPS, "initial_simplex": simplex}
    )
    return min(-float(found.fun), 1.0)


def _moved(detail: NDArray[np.float32], scale: float, shift: NDArray[np.float64]) -> NDArray[np.float32]:
    """Crops seen larger or smaller around their centre, and from ``shift`` pixels further down and right."""
    centre = (detail.shape[-1] - 1) / 2
    positions = (np.arange(detail.shape[-1]) - centre) * scale + centre
    return read_rows_and_columns(detail, positions + shift[0], positions + shift[1])


def _compared(detail: NDArray[np.float32]) -> NDArray[np.float32]:
    """What lies within the margin, a row of length 1 for each crop; of crops without detail, zeros."""
    side = detail.shape[-1]
    margin = round(side * MARGIN)
    rows = detail[:, :, margin : side - margin, margin : side - margin].reshape(len(detail), -1)
    centred = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(centred, lengths, out=np.zeros_like(centred), where=lengths > SAME)
    return unit
