"""The only place where our arrays become SimpleITK images, and back."""

from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from imaging.geometry import Geometry

# Its warnings are about its own code; what matters to a user is found and said by the readers.
sitk.ProcessObject.GlobalWarningDisplayOff()


def image_from(voxels: NDArray[Any], geometry: Geometry) -> sitk.Image:
    """A SimpleITK image of a (slices, rows, columns) array at its place in LPS; copies the voxels."""
    image = sitk.GetImageFromArray(voxels)
    image.SetSpacing(geometry.spacing_mm[::-1])
    image.SetOrigin(geometry.origin_mm)
    # ITK's matrix has one column for each of x, y, z index axes; our rows are slices, rows, columns.
    image.SetDirection(np.asarray(geometry.direction)[::-1].T.ravel().tolist())
    return image


def geometry_of(image: sitk.Image | sitk.ImageFileReader) -> Geometry:
    """
    The grid of a 3-D SimpleITK image, or of one whose header has been read.

    Raises:
        InvalidGeometry: its numbers describe no grid.
    """
    columns, rows, slices = image.GetSize()
    x, y, z = image.GetOrigin()
    dx, dy, dz = image.GetSpacing()
    i, j, k = np.asarray(image.GetDirection()).reshape(3, 3).T.tolist()
    return Geometry((slices, rows, columns), (dz, dy, dx), (x, y, z), (tuple(k), tuple(j), tuple(i)))


def array_from(image: sitk.Image) -> NDArray[Any]:
    """The voxels of a SimpleITK image, (slices, rows, columns); a copy."""
    voxels: NDArray[Any] = sitk.GetArrayFromImage(image)
    return voxels


def resampled(
    voxels: NDArray[Any], geometry: Geometry, target: Geometry, interpolator: int, outside: float
) -> NDArray[np.float32]:
    """
    Voxels read at the voxel centres of another grid.

    Args:
        voxels: (slices, rows, columns).
        geometry: Where they are.
        target: Where they are wanted.
        interpolator: SimpleITK's, for instance ``sitk.sitkLinear``.
        outside: Value beyond the voxels' outer faces.

    Returns:
        float32 of ``target.shape``.
    """
    image = image_from(voxels.astype(np.float32), geometry)
    reference = [
        [int(n) for n in target.shape[::-1]],
        sitk.Transform(),
        interpolator,
        target.origin_mm,
        target.spacing_mm[::-1],
        np.asarray(target.direction)[::-1].T.ravel().tolist(),
    ]
    found: NDArray[np.float32] = array_from(sitk.Resample(image, *reference, outside, sitk.sitkFloat32))
    return found
