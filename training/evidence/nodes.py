"""The nodes on which a network must show where it looks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from imaging.spec import PreprocessingSpec
from training.crops import NodeCrops


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutNodes:
    """
    Crops of nodes that a network did not learn from.

    Attributes:
        pixels: float32 in [0, 1], (nodes, slices, rows, columns).
        node_masks: True inside the node, same shape.
        distances_mm: From each pixel to the node, over the slices of the crop; 0 inside, infinite where the crop shows
            no pixel of the node. Same shape.
        labels: 1 metastatic, 0 benign, (nodes,).
        patients: Whose they are, (nodes,).
    """

    pixels: NDArray[np.float32]
    node_masks: NDArray[np.bool_]
    distances_mm: NDArray[np.float32]
    labels: NDArray[np.int64]
    patients: NDArray[np.str_]

    @classmethod
    def of(cls, crops: NodeCrops, rows: Sequence[int], spec: PreprocessingSpec) -> "HeldOutNodes":
        """The nodes in these rows of a cohort's crops, which the spec has made."""
        chosen = np.array(rows)
        node_masks = crops.node_masks[chosen]
        return cls(
            pixels=np.array(crops.pixels[chosen]),
            node_masks=node_masks,
            distances_mm=np.stack([distances_mm(mask, spec.input_spacing_mm) for mask in node_masks]),
            labels=crops.labels[chosen],
            patients=np.array([crops.cases[row].patient for row in rows]),
        )


def distances_mm(node_mask: NDArray[np.bool_], spacing_mm: tuple[float, float, float]) -> NDArray[np.float32]:
    """How far each pixel of one crop, (slices, rows, columns), is from the node; infinite where there is none."""
    if not node_mask.any():
        return np.full(node_mask.shape, np.inf, dtype=np.float32)
    return np.asarray(distance_transform_edt(~node_mask, sampling=spacing_mm), dtype=np.float32)
