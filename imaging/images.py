"""CTs and masks of SimpleITK images."""

import numpy as np
import SimpleITK as sitk

from imaging.errors import InvalidMask
from imaging.itk import array_from, geometry_of
from imaging.mask import NodeMask
from imaging.volume import Volume


def volume_of(image: sitk.Image) -> Volume:
    """
    A CT in HU; whole numbers that fit become int16, everything else float32.

    Raises:
        InvalidGeometry: the image describes no grid.
        InvalidVoxels: a value is not finite.
    """
    voxels = array_from(image)
    fits = np.issubdtype(voxels.dtype, np.integer) and voxels.min() >= -32768 and voxels.max() <= 32767
    return Volume(voxels.astype(np.int16 if fits else np.float32), geometry_of(image))


def mask_of(image: sitk.Image) -> NodeMask:
    """
    A label map; whole numbers from 0 to 65535, of any voxel type.

    Raises:
        InvalidGeometry: the image describes no grid.
        InvalidMask: a value is not such a number.
    """
    labels = array_from(image)
    if not np.isfinite(labels).all() or (labels < 0).any() or (labels > 65535).any() or (labels % 1 != 0).any():
        raise InvalidMask("this is no label map: labels must be whole numbers from 0 to 65535")
    return NodeMask(labels.astype(np.uint8 if labels.max() <= 255 else np.uint16), geometry_of(image))
