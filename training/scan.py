"""A CT with its mask, and the cases they hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from imaging.crop import EdgePolicy, PreparedNode
from imaging.ct import read_ct
from imaging.errors import ImagingError
from imaging.files import read_geometry, read_mask
from imaging.geometry import Triple
from imaging.node import Node
from imaging.preprocessing import prepare, require_overlap
from imaging.separation import NodeSeparation, find_nodes
from imaging.spec import PreprocessingSpec
from imaging.volume import Volume
from training.cases import Case, fault


@dataclass(frozen=True, slots=True)
class Scan:
    """
    The cases that share a CT and a mask.

    Attributes:
        cases: At least one.
    """

    cases: tuple[Case, ...]

    @property
    def image(self) -> Path:
        """File of the CT, or folder of its DICOM series."""
        return self.cases[0].image

    @property
    def mask(self) -> Path:
        """File of the label map."""
        return self.cases[0].mask

    def nodes(self) -> tuple[Node, ...]:
        """
        The node of each case.

        Raises:
            InvalidCases: the mask cannot be read, or does not mark one of them.
        """
        try:
            marked = {node.label: node for node in find_nodes(read_mask(self.mask), NodeSeparation.LABELS)}
        except ImagingError as error:
            raise fault(self.cases[0].row, "mask", str(error)) from error
        for case in self.cases:
            if case.node not in marked:
                raise fault(case.row, "node", f"{case.mask} marks no voxel with {case.node}")
        return tuple(marked[case.node] for case in self.cases)

    def read(self) -> tuple[Volume, tuple[Node, ...]]:
        """
        The CT, and the node of each case.

        Raises:
            InvalidCases: CT or mask cannot be read, or do not belong together.
        """
        nodes = self.nodes()
        try:
            volume = read_ct(self.image)
        except ImagingError as error:
            raise fault(self.cases[0].row, "image", str(error)) from error
        try:
            require_overlap(volume.geometry, nodes)
        except ImagingError as error:
            raise fault(self.cases[0].row, "mask", str(error)) from error
        return volume, nodes

    def prepared(self, spec: PreprocessingSpec, edge_policy: EdgePolicy) -> tuple[PreparedNode, ...]:
        """
        What preprocessing makes of the node of each case.

        Raises:
            InvalidCases: CT or mask cannot be read, do not belong together, or mark what is too large for a node.
        """
        volume, nodes = self.read()
        try:
            return prepare(volume, nodes, spec, edge_policy)
        except ImagingError as error:
            raise fault(self.cases[0].row, "mask", str(error)) from error


def read_spacing_mm(path: Path) -> Triple:
    """
    Spacing of a CT along z, y and x of LPS: of a file by its header, of a folder by the places of its slices.

    Raises:
        ImagingError: it is not a CT we can read.
    """
    geometry = read_ct(path).geometry if path.is_dir() else read_geometry(path)
    return geometry.upright_spacing_mm


def scans_of(cases: Iterable[Case]) -> tuple[Scan, ...]:
    """The cases, grouped by their files; in the order in which the files first occur."""
    groups: dict[tuple[Path, Path], list[Case]] = {}
    for case in cases:
        groups.setdefault((case.image, case.mask), []).append(case)
    return tuple(Scan(tuple(group)) for group in groups.values())
