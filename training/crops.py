"""The crops of a cohort."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from imaging.crop import EdgePolicy, NodeStatus
from imaging.measurements import NodeMeasurements
from imaging.spec import PreprocessingSpec
from training.cases import Case, Cohort
from training.crop_cache import CropCache, ScanCrops
from training.distributed import leads
from training.errors import InvalidCases
from training.scan import Scan, scans_of
from training.split import Split

CACHE_FOLDER = ".crops"
"""Beside the table of cases."""


@dataclass(frozen=True, slots=True, eq=False)
class NodeCrops:
    """
    The crops of a cohort's nodes; those that have none are left out.

    Attributes:
        pixels: float32 in [0, 1], (nodes, slices, rows, columns); mapped from a file.
        node_masks: True inside the node, same shape.
        cases: One for each node.
        case_indices: Their places in the cohort, (nodes,).
        measurements: Of each node.
        statuses: Of every case of the cohort, dropped ones included.
    """

    pixels: NDArray[np.float32]
    node_masks: NDArray[np.bool_]
    cases: tuple[Case, ...]
    case_indices: NDArray[np.int64]
    measurements: tuple[NodeMeasurements, ...]
    statuses: Mapping[Case, NodeStatus]

    @property
    def labels(self) -> NDArray[np.int64]:
        """1 metastatic, 0 benign, (nodes,)."""
        return np.array([case.label for case in self.cases], dtype=np.int64)

    def rows(self, case_indices: Iterable[int]) -> NDArray[np.int64]:
        """Where the crops of these cases are; dropped cases have none."""
        return np.flatnonzero(np.isin(self.case_indices, list(case_indices)))

    def rows_of(self, split: Split) -> Split:
        """The same parts as places of crops, not of cases."""
        training, validation, test = (
            tuple(self.rows(part).tolist()) for part in (split.training, split.validation, split.test)
        )
        return Split(training, validation, test)

    def dropped_counts(self) -> dict[NodeStatus, int]:
        """How many nodes were dropped, and why."""
        return dict(Counter(status for status in self.statuses.values() if status is not NodeStatus.SCORED))


def load_crops(
    cohort: Cohort, spec: PreprocessingSpec, edge_policy: EdgePolicy, cache_folder: Path | None = None
) -> NodeCrops:
    """
    The crops of a cohort, from the cache or made now; with progress on stderr.

    Args:
        cohort: The cases.
        spec: From HU to crops.
        edge_policy: Whether a crop that reaches beyond its CT is padded or dropped.
        cache_folder: Where crops are kept; ``.crops`` beside the table if not given.

    Raises:
        InvalidCases: an image or mask cannot be read, they do not belong together, or no node can be scored.
    """
    cache = CropCache(cache_folder or cohort.table.parent / CACHE_FOLDER, spec, edge_policy)
    cache.folder.mkdir(parents=True, exist_ok=True)
    scans = scans_of(cohort.cases)
    entries: list[ScanCrops] = []
    with tempfile.TemporaryFile(dir=cache.folder) as file:
        with tqdm(scans, desc="crops", unit="scan", disable=not leads()) as progress:
            for scan in progress:
                entry = cache.crops(scan, cohort.file_digests)
                file.write(entry.pixels.tobytes())
                # The pixels of a cohort need not fit into memory: from here on they are in the file.
                entries.append(replace(entry, pixels=entry.pixels[:0]))
        node_masks = np.concatenate([entry.node_masks for entry in entries])
        if not len(node_masks):
            raise InvalidCases("no node can be scored: all are too small, or at the edge of their CT (try --edge pad)")
        file.flush()
        pixels = np.memmap(file, dtype=np.float32, mode="r", shape=node_masks.shape)
    return _gathered(cohort, scans, entries, pixels, node_masks)


def _gathered(
    cohort: Cohort,
    scans: Sequence[Scan],
    entries: Sequence[ScanCrops],
    pixels: NDArray[np.float32],
    node_masks: NDArray[np.bool_],
) -> NodeCrops:
    places = {case: index for index, case in enumerate(cohort.cases)}
    cases = [case for scan in scans for case in scan.cases]
    statuses = [status for entry in entries for status in entry.statuses]
    measurements = [measured for entry in entries for measured in entry.measurements]
    scored = [n for n, status in enumerate(statuses) if status is NodeStatus.SCORED]
    return NodeCrops(
        pixels=pixels,
        node_masks=node_masks,
        cases=tuple(cases[n] for n in scored),
        case_indices=np.array([places[cases[n]] for n in scored]),
        measurements=tuple(measurements[n] for n in scored),
        statuses=dict(zip(cases, statuses, strict=True)),
    )
