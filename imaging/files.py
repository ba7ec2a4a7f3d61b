"""CTs and masks in NIfTI, NRRD and MetaImage files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from imaging.errors import ImagingError, UnreadableImage
from imaging.geometry import Geometry
from imaging.images import mask_of, volume_of
from imaging.itk import geometry_of, image_from
from imaging.mask import NodeMask
from imaging.nifti import require_intact
from imaging.text_header import require_spacing
from imaging.volume import Volume


def read_volume(path: Path) -> Volume:
    """
    Read a CT in HU.

    Whole numbers that fit become int16, everything else float32. ITK turns NIfTI's RAS into LPS.

    Raises:
        UnreadableImage: no such file, not an image, or not three-dimensional.
        InvalidGeometry: its header describes no grid.
        InvalidVoxels: a value is not finite.
    """
    image = _read(path)
    with _naming(path):
        return volume_of(image)


def read_geometry(path: Path) -> Geometry:
    """
    Where the voxels of a CT are, from its header alone.

    Raises:
        UnreadableImage: no such file, not an image, or not three-dimensional.
        InvalidGeometry: its header describes no grid.
    """
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        raise UnreadableImage(f"{path}: {_reason(str(error))}") from error
    if reader.GetDimension() != 3:
        raise UnreadableImage(f"{path}: a CT has three axes, this has {reader.GetDimension()}")
    with _naming(path):
        return geometry_of(reader)


def read_mask(path: Path) -> NodeMask:
    """
    Read a label map; whole numbers from 0 to 65535, of any voxel type.

    Raises:
        UnreadableImage: no such file, not an image, or not three-dimensional.
        InvalidGeometry: its header describes no grid.
        InvalidMask: a value is not such a number.
    """
    image = _read(path)
    with _naming(path):
        return mask_of(image)


def write_image(path: Path, voxels: NDArray[np.generic], geometry: Geometry) -> None:
    """Write a (slices, rows, columns) array at its place in LPS; the suffix chooses the format, zipped if it can be."""
    if voxels.dtype == np.bool_:
        voxels = voxels.astype(np.uint8)
    sitk.WriteImage(image_from(voxels, geometry), str(path), useCompression=True)


def _read(path: Path) -> sitk.Image:
    if not path.is_file():
        raise UnreadableImage(f"{path}: no such file")
    _require_no_dicom(path)
    require_intact(path)
    require_spacing(path)
    try:
        image = sitk.ReadImage(str(path))
    except RuntimeError as error:
        raise UnreadableImage(f"{path}: {_reason(str(error))}") from error
    if image.GetDimension() != 3 or image.GetNumberOfComponentsPerPixel() != 1:
        raise UnreadableImage(
            f"{path}: a CT or mask has three axes and one value in each voxel, this has "
            f"{image.GetDimension()} axes and {image.GetNumberOfComponentsPerPixel()} value(s)"
        )
    return image


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Put the file's name before what is wrong with its content."""
    try:
        yield
    except ImagingError as error:
        raise type(error)(f"{path}: {error}") from error


def _require_no_dicom(path: Path) -> None:
    """ITK would read one slice as a CT of its own, with a made-up spacing, and a segmentation at the wrong place."""
    with path.open("rb") as stream:
        stream.seek(128)
        if stream.read(4) == b"DICM":
            raise UnreadableImage(
                f"{path}: a single DICOM file; name the folder of the whole series, or convert a segmentation to NIfTI"
            )


def _reason(itk_message: str) -> str:
    """What ITK's long message means to a person."""
    if "orthonormal" in itk_message.lower():
        return "its axes are not orthogonal (sheared or tilted); resample it to a regular grid first"
    if "zero" in itk_message.lower() and "spacing" in itk_message.lower():
        return "its spacing is zero on some axis"
    return "not a readable NIfTI, NRRD or MetaImage file"
