"""The crops of a cohort, made once."""

import hashlib
import json
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from math import ceil
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from imaging.crop import EdgePolicy, NodeStatus, PreparedNode
from imaging.errors import ImagingError
from imaging.files import read_mask, read_volume
from imaging.measurements import NodeMeasurements
from imaging.node import Node
from imaging.preprocessing import prepare
from imaging.separation import NodeSeparation, find_nodes
from imaging.spec import PreprocessingSpec
from training.atomic import replacing
from training.cases import Case, Cohort, node_missing
from training.errors import InvalidCases

CACHE_FOLDER = ".crops"
"""Beside the table of cases."""

ENTRY_FORMAT = 1
"""Of a file in the cache. Raise by one whenever its content means something else."""

ENCLOSED_SHARE = 0.95
"""Of the training nodes, which must fit the box."""


@dataclass(frozen=True, slots=True, eq=False)
class NodeCrops:
    """
    The crops of a cohort's nodes; those that have none are left out.

    Attributes:
        pixels: float32 in [0, 1], (nodes, slices, rows, columns); in a file, not in memory.
        node_masks: True inside the node, same shape.
        cases: One for each node.
        case_indices: Their places in the cohort, (nodes,), ascending.
        measurements: Of each node.
        statuses: Of every case of the cohort, dropped ones included.
    """

    pixels: NDArray[np.float32]
    node_masks: NDArray[np.bool_]
    cases: tuple[Case, ...]
    case_indices: NDArray[np.int64]
    measurements: tuple[NodeMeasurements, ...]
    statuses: tuple[NodeStatus, ...]

    @property
    def labels(self) -> NDArray[np.int64]:
        """1 metastatic, 0 benign, (nodes,)."""
        return np.array([case.label for case in self.cases], dtype=np.int64)

    def rows(self, case_indices: Iterable[int]) -> NDArray[np.int64]:
        """Where the crops of these cases are; dropped cases have none."""
        return np.flatnonzero(np.isin(self.case_indices, list(case_indices)))

    def dropped_counts(self) -> dict[NodeStatus, int]:
        """How many nodes were dropped, and why."""
        return dict(Counter(status for status in self.statuses if status is not NodeStatus.SCORED))
