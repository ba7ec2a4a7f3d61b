"""
What ITK does not say about a NIfTI file.

ITK's reader turns NaN into 0, which is water in HU, and reads a file that was cut short as if the rest were 0. Both
are found here, by the NIfTI-1 header alone.
"""

import gzip
import struct
import zlib
from pathlib import Path
from typing import IO, cast

import numpy as np

from imaging.errors import UnreadableImage

HEADER_BYTES = 348
FLOAT_BYTES = {16: 4, 64: 8}
"""NIfTI-1 datatype codes of floating point, with their bytes a value."""


def require_intact(path: Path) -> None:
    """
    Refuse a NIfTI-1 file that is cut short or holds NaN or infinity; other files pass.

    Raises:
        UnreadableImage: the file says so many voxels and holds fewer, or one of them is not finite.
    """
    with _opened(path) as stream:
        try:
            header = stream.read(HEADER_BYTES)
            if len(header) < HEADER_BYTES or header[344:347] != b"n+1":
                return
            _require_intact_voxels(path, header, stream)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnreadableImage(f"{path}: the file is cut short or damaged; copy it again") from error


def _require_intact_voxels(path: Path, header: bytes, stream: IO[bytes]) -> None:
    order = "<" if struct.unpack("<i", header[:4])[0] == HEADER_BYTES else ">"
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
