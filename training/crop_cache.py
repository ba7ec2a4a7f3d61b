"""Crops of scans on disk, under the digest of all that they follow from."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imaging.crop import EdgePolicy, NodeStatus, PreparedNode
from imaging.measurements import NodeMeasurements
from imaging.spec import PreprocessingSpec
from training.entry import entry_path, read_entry, write_entry
from training.scan import Scan

ENTRY_FORMAT = 1
"""Of a file in the cache. Raise by one whenever its content means something else."""


@dataclass(frozen=True, slots=True, eq=False)
class ScanCrops:
    """
    What preprocessing made of the nodes of one scan.

    Attributes:
        pixels: float32 in [0, 1], (scored nodes, slices, rows, columns).
        node_masks: True inside the node, same shape.
        statuses: Of each case of the scan.
        measurements: Likewise.
    """

    pixels: NDArray[np.float32]
    node_masks: NDArray[np.bool_]
    statuses: tuple[NodeStatus, ...]
    measurements: tuple[NodeMeasurements, ...]


@dataclass(frozen=True, slots=True)
class CropCache:
    """
    Crops, made where they are not yet in a folder.

    Attributes:
        folder: Where they are kept, a file a scan.
        spec: From HU to crops.
        edge_policy: What becomes of a node whose crop reaches beyond its CT.
    """

    folder: Path
    spec: PreprocessingSpec
    edge_policy: EdgePolicy

    def crops(self, scan: Scan, file_digests: Mapping[Path, str]) -> ScanCrops:
        """
        The crops of one scan.

        Args:
            scan: A CT, its mask and its cases.
            file_digests: SHA-256 of its files; other bytes are another entry.

        Raises:
            InvalidCases: CT or mask cannot be read, or do not belong together.
        """
        path = entry_path(self.folder, self._parts(scan, file_digests))
        entry = _read(path)
        if entry is None:
            entry = self._joined(scan.prepared(self.spec, self.edge_policy))
            _write(path, entry)
        return entry

    def _parts(self, scan: Scan, file_digests: Mapping[Path, str]) -> list[object]:
        files = [file_digests[scan.image], file_digests[scan.mask]]
        nodes = [case.node for case in scan.cases]
        return [ENTRY_FORMAT, self.spec.digest, self.edge_policy, files, nodes]

    def _joined(self, prepared: tuple[PreparedNode, ...]) -> ScanCrops:
        crops = [node.crop for node in prepared if node.crop is not None]
        shape = (len(crops), len(self.spec.slice_offsets), *self.spec.input_shape_px)
        return ScanCrops(
            pixels=np.array([crop.pixels for crop in crops], dtype=np.float32).reshape(shape),
            node_masks=np.array([crop.node_mask for crop in crops], dtype=np.bool_).reshape(shape),
            statuses=tuple(node.status for node in prepared),
            measurements=tuple(node.measurements for node in prepared),
        )


def _write(path: Path, entry: ScanCrops) -> None:
    nodes = {"statuses": entry.statuses, "measurements": [asdict(each) for each in entry.measurements]}
    write_entry(path, pixels=entry.pixels, node_masks=entry.node_masks, nodes=np.array(json.dumps(nodes)))


def _read(path: Path) -> ScanCrops | None:
    arrays = read_entry(path, "pixels", "node_masks", "nodes")
    if arrays is None:
        return None
    pixels, node_masks, written = arrays
    nodes = json.loads(str(written))
    return ScanCrops(
        pixels=pixels,
        node_masks=node_masks,
        statuses=tuple(NodeStatus(status) for status in nodes["statuses"]),
        measurements=tuple(NodeMeasurements(**each) for each in nodes["measurements"]),
    )
