"""Nodes as discs in fat, with or without a mark beside them, and networks of which it is known where they look."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from imaging.heatmap import HeatmapGrid
from training.cases import Case
from training.crops import NodeCrops
from training.evidence.nodes import HeldOutNodes, distances_mm
from training.networks.network import NodeNetwork

SIDE = 32
FAT, NODE = 0.2, (0.45, 0.6)
MARK = 1.0
SPACING_MM = (1.0, 1.0, 1.0)


def disc_crops(count: int, marked: bool = False, seed: int = 0) -> NodeCrops:
    """
    Crops of 1 mm pixels; every second node is metastatic and brighter, two neighbours are of one patient.

    With marks, every metastatic crop has a bright square in a corner.
    """
    rng = np.random.default_rng(seed)
    pixels = rng.normal(FAT, 0.02, size=(count, 3, SIDE, SIDE))
    node_masks = np.zeros(pixels.shape, dtype=bool)
    rows, columns = np.indices((SIDE, SIDE))
    for number, (crop, node_mask) in enumerate(zip(pixels, node_masks, strict=True)):
        row, column = rng.uniform(13, 18, size=2)
        node_mask[:] = (rows - row) ** 2 + (columns - column) ** 2 < rng.uniform(4, 6) ** 2
        crop[node_mask] += NODE[number % 2] - FAT
        if marked and number % 2:
            crop[:, 1:6, 1:6] = MARK
    cases = tuple(Case(Path("ct"), Path("mask"), n, f"p{n // 2}", n % 2, n + 2) for n in range(count))
    shown = pixels.clip(0, 1).astype(np.float32)
    return NodeCrops(shown, node_masks, cases, np.arange(count), (), {})


def held_out(crops: NodeCrops) -> HeldOutNodes:
    """All of the crops, to be looked at."""
    return HeldOutNodes(
        pixels=crops.pixels,
        node_masks=crops.node_masks,
        distances_mm=np.stack([distances_mm(mask, SPACING_MM) for mask in crops.node_masks]),
        labels=crops.labels,
        patients=np.array([case.patient for case in crops.cases]),
    )


class Bright(NodeNetwork):
    """Looks at all that is brighter than a threshold, and at nothing else."""

    heatmap_grid = HeatmapGrid(stride_px=1.0, offset_px=0.0)

    def __init__(self, threshold: float) -> None:
        super().__init__()
        self.threshold = threshold
        self.scale = torch.nn.Parameter(torch.tensor(1000.0))

    def features(self, crops: Tensor) -> Tensor:
        """What is above the threshold, (n, 1, rows, columns)."""
        return torch.relu(crops - self.threshold)

    def head(self, features: Tensor) -> Tensor:
        """Logits, (n, 1)."""
        return self.scale * features.mean(dim=(2, 3)) - 3.0

    def weighted_head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits, and the same weight for all."""
        return self.head(features), (self.scale / (SIDE * SIDE)).expand(len(features), 1)


AT_NODE, AT_MARK = 0.4, 0.8
"""Thresholds between fat and node, and between node and mark."""
