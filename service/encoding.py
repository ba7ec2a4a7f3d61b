"""Voxels as bytes: little endian, x fastest, plain or compressed."""

from enum import StrEnum
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from imaging.geometry import Shape
from service.faults import InvalidRequest, Reason

Buffer = bytes | bytearray | memoryview

FAST_LEVEL = 1
"""Of Zstandard: label maps and heat maps are mostly zeros, more effort brings little."""


class Compression(StrEnum):
    """How bytes are compressed."""

    NONE = "none"
    ZSTD = "zstd"


def encoded(values: NDArray[Any], compression: Compression) -> bytes:
    """An array's bytes, little endian, in C order."""
    little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return compressed(little.tobytes(), compression)


def compressed(data: bytes, compression: Compression) -> bytes:
    """The bytes as one Zstandard frame that declares its content size, or as they are."""
    return zstandard.compress(data, FAST_LEVEL) if compression is Compression.ZSTD else data


def array_of(
    data: Buffer, dtype: np.dtype[Any], shape: Shape, compression: Compression, field: str, reason: Reason
) -> NDArray[Any]:
    """
    The array in these bytes; shares their memory where it can.

    Args:
        data: As received.
        dtype: Of its values.
        shape: (slices, rows, columns).
        compression: Of the bytes.
        field: What to name where they do not fit.
        reason: Likewise.

    Raises:
        InvalidRequest: there are fewer or more bytes than the shape needs, or they do not inflate.
    """
    count = int(np.prod(shape, dtype=object))
    needed = count * dtype.itemsize
    plain = _inflated(data, needed, field, reason) if compression is Compression.ZSTD else data
    if len(plain) != needed:
        raise InvalidRequest(field, f"the geometry needs {needed} bytes, {len(plain)} were sent", reason)
    return np.frombuffer(plain, dtype=dtype.newbyteorder("<")).astype(dtype, copy=False).reshape(shape)


def _inflated(data: Buffer, needed: int, field: str, reason: Reason) -> bytes:
    """What a frame holds; inflated only where it says that it has the size that is needed."""
    try:
        declared = zstandard.frame_content_size(data)
        if declared != needed:
            said = "no size" if declared < 0 else f"{declared} bytes"
            raise InvalidRequest(
                field, f"the geometry needs {needed} bytes, the Zstandard frame declares {said}", reason
            )
        plain: bytes = zstandard.ZstdDecompressor().decompress(data)
    except zstandard.ZstdError as error:
        raise InvalidRequest(field, "not a Zstandard frame, or a damaged one", reason) from error
    return plain
