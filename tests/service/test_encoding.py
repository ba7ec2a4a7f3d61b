"""Voxels as bytes."""

import numpy as np
import pytest
import zstandard

from service.encoding import Compression, array_of, compressed, encoded
from service.faults import InvalidRequest, Reason

SHAPE = (3, 4, 5)


def decoded(data, dtype, compression=Compression.NONE, shape=SHAPE):
    """The array in some bytes of the field "voxels"."""
    return array_of(data, np.dtype(dtype), shape, compression, "voxels", Reason.INVALID_VOXELS)


@pytest.mark.parametrize("dtype", ["int16", "float32", "uint8", "uint16"])
@pytest.mark.parametrize("compression", list(Compression))
def test_arrays_survive(dtype, compression):
    """What is encoded is decoded, in every type, compressed or not."""
    values = np.random.default_rng(0).integers(0, 200, SHAPE).astype(dtype)

    np.testing.assert_array_equal(decoded(encoded(values, compression), dtype, compression), values)


def test_the_first_voxel_comes_first():
    """Bytes are little endian, columns fastest."""
    values = np.arange(60, dtype=np.int16).reshape(SHAPE)

    assert b"\x00\x00\x01\x00\x02\x00" == encoded(values, Compression.NONE)[:6]


@pytest.mark.parametrize("count", [0, 119, 121, 240])
def test_wrong_sizes_are_refused(count):
    """Fewer or more bytes than the grid needs are refused; both numbers are told."""
    with pytest.raises(InvalidRequest, match=f"needs 120 bytes, {count} were sent"):
        decoded(bytes(count), "int16")


def test_a_bomb_is_refused_before_it_is_inflated():
    """A frame that declares another size than the grid's is refused by its header alone."""
    bomb = zstandard.compress(bytes(10**9))[:40]

    with pytest.raises(InvalidRequest, match="declares 1000000000 bytes"):
        decoded(bomb, "int16", Compression.ZSTD)


def test_frames_that_hide_their_size_are_refused():
    """A streamed frame without its content's size is refused."""
    stream = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(120))

    with pytest.raises(InvalidRequest, match="declares no size"):
        decoded(stream, "int16", Compression.ZSTD)


@pytest.mark.parametrize("damage", [lambda frame: b"not zstd" + frame, lambda frame: frame[:-4]])
def test_damaged_frames_are_refused(damage):
    """Bytes that are no frame, or the half of one, are an error of the field."""
    frame = compressed(np.random.default_rng(0).bytes(120), Compression.ZSTD)

    with pytest.raises(InvalidRequest, match="voxels: not a Zstandard frame"):
        decoded(damage(frame), "int16", Compression.ZSTD)
