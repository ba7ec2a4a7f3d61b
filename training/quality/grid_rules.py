"""What can be wrong between the grids of a CT and its mask."""

from collections.abc import Callable

import numpy as np

from imaging.geometry import Geometry

PLACE_TOLERANCE = 0.5
"""In voxels: by how much two grids of one shape may lie apart."""

LATTICE_TOLERANCE = 0.05
"""In voxels: by how much a voxel of the mask may miss one of the CT; headers hold float32."""


def geometry_mismatch(ct: Geometry, mask: Geometry) -> str | None:
    """One shape, two places: a header was lost on the way. Axes may be stored in another order."""
    if sorted(ct.shape) != sorted(mask.shape):
        return None
    apart_mm = np.abs(np.subtract([ct.box.lower_mm, ct.box.upper_mm], [mask.box.lower_mm, mask.box.upper_mm])).max()
    if apart_mm <= PLACE_TOLERANCE * min(ct.spacing_mm):
        return None
    return f"the corners of CT and mask are up to {apart_mm:.1f} mm apart"


def other_grid(ct: Geometry, mask: Geometry) -> str | None:
    """The ends of the mask's axes do not fall onto voxels of the CT, as many as there are in the mask."""
    last = np.asarray(mask.shape) - 1
    first, *ends = ct.indices_at(mask.points_at(np.vstack([np.zeros(3), np.diag(last)])))
    reach = np.abs(np.subtract(ends, first)).max(axis=1)
    aligned = np.abs(first - np.round(first)).max() <= LATTICE_TOLERANCE
    if aligned and np.abs(reach - last).max() <= LATTICE_TOLERANCE:
        return None
    ct_mm, mask_mm = (" × ".join(f"{step:.2f}" for step in grid.spacing_mm) for grid in (ct, mask))
    return f"voxels of {mask_mm} mm in the mask, {ct_mm} mm in the CT"


GRID_RULES: dict[str, Callable[[Geometry, Geometry], str | None]] = {
    "geometry-mismatch": geometry_mismatch,
    "other-grid": other_grid,
}
"""By name; each tells what it found, or None."""
