"""What the crops would show without the node, and around another one's."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from training.evidence.inpaint import painted_out
from training.evidence.nodes import HeldOutNodes

PAINT_MARGIN_MM = 1.5
"""Painted out with the node, and kept with it: the mask is never exact, and its rim tells of the node."""

DONOR_COUNT = 4
"""Backgrounds that each node is put on."""


@dataclass(frozen=True, slots=True, eq=False)
class Repainted:
    """
    Crops that never were; arrays are (nodes, slices, rows, columns).

    Attributes:
        pixels: As they were.
        regions: The node and 1.5 mm around it.
        removed: With that region painted out.
        elsewhere: With as many pixels painted out that are as far from the node as can be.
        possible: Whether there is room for that on each slice, (nodes,); the others are left as they were.
        donors: Whose background each node is put on, (nodes, backgrounds); -1 where there is none.
    """

    pixels: NDArray[np.float32]
    regions: NDArray[np.bool_]
    removed: NDArray[np.float32]
    elsewhere: NDArray[np.float32]
    possible: NDArray[np.bool_]
    donors: NDArray[np.int64]

    def swapped(self, background: int) -> NDArray[np.float32]:
        """Each node on its n-th other background, whose own node is painted out; without a donor as it was."""
        donors = self.donors[:, background]
        swapped = np.where(self.regions, self.pixels, self.removed[donors])
        return np.where((donors >= 0)[:, None, None, None], swapped, self.pixels)


def repainted(nodes: HeldOutNodes, seed: int = 0) -> Repainted:
    """
    Paint each node out, paint out as much elsewhere, and choose other backgrounds for it.

    Backgrounds come from nodes of the other label, of other patients, so that one which gives the label away is found
    out.
    """
    regions = nodes.distances_mm <= PAINT_MARGIN_MM
    possible = np.array([bool(region.any()) and bool((region.mean(axis=(1, 2)) <= 0.5).all()) for region in regions])
    far = np.stack([_farthest(*each) for each in zip(nodes.distances_mm, regions, strict=True)])
    far[~possible] = False
    return Repainted(
        pixels=nodes.pixels,
        regions=regions,
        removed=_painted(nodes.pixels, np.where(possible[:, None, None, None], regions, False)),
        elsewhere=_painted(nodes.pixels, far),
        possible=possible,
        donors=_donors(nodes, possible, seed),
    )


def _painted(pixels: NDArray[np.float32], regions: NDArray[np.bool_]) -> NDArray[np.float32]:
    return np.stack(
        [
            np.stack([painted_out(plane, region) for plane, region in zip(*crop, strict=True)])
            for crop in tqdm(list(zip(pixels, regions, strict=True)), desc="painting", unit="node")
        ]
    )


def _farthest(distances_mm: NDArray[np.float32], region: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """On each slice, as many of the farthest pixels as the region has; all (slices, rows, columns)."""
    chosen = np.zeros_like(region)
    for far, distance_mm, count in zip(chosen, distances_mm, region.sum(axis=(1, 2)), strict=True):
        far.flat[np.argsort(-distance_mm, axis=None, kind="stable")[:count]] = True
    return chosen


def _donors(nodes: HeldOutNodes, possible: NDArray[np.bool_], seed: int) -> NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    donors = np.full((len(nodes.labels), DONOR_COUNT), -1)
    for node in np.flatnonzero(possible):
        others = possible & (nodes.patients != nodes.patients[node]) & (nodes.labels != nodes.labels[node])
        if others.any():
            donors[node] = rng.choice(np.flatnonzero(others), DONOR_COUNT)
    return donors
