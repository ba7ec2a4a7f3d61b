"""
What ITK does not say about a NIfTI file.

ITK's reader turns NaN into 0, which is water in HU, reads a file that was cut short as if the rest were 0, takes 1 mm
for a spacing of zero, and one of two spacings where the header has two that differ. All are found here, by the NIfTI-1
header alone.
"""

import gzip
import struct
import zlib
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from imaging.errors import UnreadableImage

HEADER_BYTES = 348
FLOAT_BYTES = {16: 4, 64: 8}
"""NIfTI-1 datatype codes of floating point, with their bytes a value."""

SPACING_TOLERANCE = 0.01
"""Largest difference between the two spacings of a header, as a share; more moves the far end of a CT by slices."""


def require_intact(path: Path) -> None:
    """
    Refuse a NIfTI-1 file that is cut short, holds NaN or infinity, or has no clear spacing; other files pass.

    Raises:
        UnreadableImage: the file says so many voxels and holds fewer, one of them is not finite, or a spacing is not
            above 0 or differs between ``pixdim`` and ``srow``.
    """
    with _opened(path) as stream:
        try:
            header = stream.read(HEADER_BYTES)
            if len(header) < HEADER_BYTES or header[344:347] != b"n+1":
                return
            order = "<" if struct.unpack("<i", header[:4])[0] == HEADER_BYTES else ">"
            _require_clear_spacing(path, header, order)
            _require_intact_voxels(path, header, order, stream)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableImage(f"{path}: the file is cut short or damaged; copy it again") from error


def _require_clear_spacing(path: Path, header: bytes, order: str) -> None:
    spacing_mm = np.array(struct.unpack(f"{order}3f", header[80:92]))
    if not (np.isfinite(spacing_mm) & (spacing_mm > 0)).all():
        raise UnreadableImage(f"{path}: its spacing is {_written(spacing_mm)}; it must be above 0 mm on every axis")
    [sform_code] = struct.unpack(f"{order}h", header[254:256])
    steps = np.array(struct.unpack(f"{order}12f", header[280:328])).reshape(3, 4)[:, :3]
    sform_mm = np.linalg.norm(steps, axis=0)
    orthogonal = np.allclose(steps.T @ steps, np.diag(sform_mm**2), atol=SPACING_TOLERANCE * sform_mm.min() ** 2)
    if sform_code > 0 and orthogonal and not np.allclose(sform_mm, spacing_mm, rtol=SPACING_TOLERANCE):
        raise UnreadableImage(
            f"{path}: its header says two spacings, {_written(spacing_mm)} in pixdim and {_written(sform_mm)} in srow; "
            "repair the one that is wrong"
        )


def _written(spacing_mm: NDArray[np.float64]) -> str:
    return " x ".join(f"{value:g}" for value in spacing_mm) + " mm"


def _require_intact_voxels(path: Path, header: bytes, order: str, stream: IO[bytes]) -> None:
    axes = struct.unpack(f"{order}8h", header[40:56])
    datatype, bits = struct.unpack(f"{order}2h", header[70:74])
    [offset] = struct.unpack(f"{order}f", header[108:112])
    voxel_bytes = int(np.prod([max(n, 1) for n in axes[1 : axes[0] + 1]], dtype=np.int64)) * bits // 8
    stream.read(int(offset) - HEADER_BYTES)
    voxels = stream.read(voxel_bytes)
    if len(voxels) < voxel_bytes:
        raise UnreadableImage(f"{path}: the file is cut short or damaged; copy it again")
    if datatype in FLOAT_BYTES and not np.isfinite(np.frombuffer(voxels, f"{order}f{FLOAT_BYTES[datatype]}")).all():
        raise UnreadableImage(f"{path}: some voxels are NaN or infinite; replace them before scoring")


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path)) if zipped else path.open("rb")
