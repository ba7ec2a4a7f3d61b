"""What radiomic features are computed from: a node's own region in Hounsfield units."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.geometry import Triple
from imaging.lattice import HALF, NodeLattice, centred_grid
from imaging.preprocessing import hu_on
from imaging.volume import Volume


@dataclass(frozen=True, slots=True, eq=False)
class NodeRegion:
    """
    A node and its surroundings on a grid of their own, neither windowed nor cropped to a network's input.

    Attributes:
        hu: float32 (slices, rows, columns); NaN beyond the CT.
        mask: True inside the node, same shape; at least one voxel.
        spacing_mm: (slices, rows, columns).
    """

    hu: NDArray[np.float32]
    mask: NDArray[np.bool_]
    spacing_mm: Triple

    @classmethod
    def of(cls, volume: Volume, lattice: NodeLattice) -> "NodeRegion":
        """Read the CT on a node's lattice; of a node too thin for the lattice its fullest points are taken."""
        slices, rows, columns = lattice.occupancy.shape
        grid = centred_grid((slices, rows, columns), lattice.spacing_mm, lattice.centre_mm)
        mask = lattice.occupancy >= min(HALF, float(lattice.occupancy.max()))
        return cls(hu_on(volume, grid, outside=float("nan")), mask, lattice.spacing_mm)

    @property
    def inside(self) -> NDArray[np.bool_]:
        """The voxels of the node that lie in the CT: IBSI's intensity mask."""
        within: NDArray[np.bool_] = self.mask & np.isfinite(self.hu)
        return within
