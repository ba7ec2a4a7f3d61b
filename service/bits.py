"""Masks of one bit a voxel, unpacked only where something is marked: unpacked they take eight times the memory."""

import contextlib
import mmap
from collections.abc import Iterator
from math import prod

import numpy as np
from numpy.typing import NDArray

from imaging.geometry import Region, Shape
from service.subbox import FIRST_VOXEL

SLAB_VOXELS = 1 << 22
"""Unpacked at a time while the marked region is sought."""


def packed_shape(shape: Shape) -> Shape:
    """The shape of the bytes that hold one bit for each voxel of a grid."""
    slices, rows, columns = shape
    return 1, 1, -(-slices * rows * columns // 8)


def unpacked(packed: NDArray[np.uint8], shape: Shape) -> tuple[NDArray[np.uint8], Region]:
    """
    The smallest part of a mask that holds all it marks, and where in the mask it is.

    Args:
        packed: One bit for each voxel, x fastest, the least significant first.
        shape: Of the mask, (slices, rows, columns).

    Returns:
        The part, (slices, rows, columns), 1 where marked, and its index region; the first voxel where nothing is.
    """
    region = _marked_region(packed, shape)
    k, j, i = region
    part = _zeros((k.stop - k.start, j.stop - j.start, i.stop - i.start))
    for start, slab in _slabs(packed, shape, k):
        marked = slab[:, j, i]
        slices, rows = np.nonzero(marked.any(axis=2))
        part[slices + (start - k.start), rows] = marked[slices, rows]
    return part, region


def _zeros(shape: Shape) -> NDArray[np.uint8]:
    """An empty mask; only the small pages that something is written to take memory."""
    pages = mmap.mmap(-1, prod(shape))
    with contextlib.suppress(AttributeError, OSError):  # Systems without huge pages know no such advice.
        pages.madvise(mmap.MADV_NOHUGEPAGE)
    return np.frombuffer(pages, dtype=np.uint8).reshape(shape)


def _marked_region(packed: NDArray[np.uint8], shape: Shape) -> Region:
    profiles = [np.zeros(count, dtype=bool) for count in shape]
    for start, slab in _slabs(packed, shape, slice(0, shape[0])):
        profiles[0][start : start + len(slab)] = slab.any(axis=(1, 2))
        profiles[1] |= slab.any(axis=(0, 2))
        profiles[2] |= slab.any(axis=(0, 1))
    if not profiles[0].any():
        return FIRST_VOXEL
    k, j, i = (slice(int(hits[0]), int(hits[-1]) + 1) for hits in map(np.flatnonzero, profiles))
    return k, j, i


def _slabs(packed: NDArray[np.uint8], shape: Shape, slices: slice) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Some slices at a time, (slices, rows, columns), with the number of the first."""
    plane = shape[1] * shape[2]
    step = max(SLAB_VOXELS // plane, 1)
    for start in range(slices.start, slices.stop, step):
        stop = min(start + step, slices.stop)
        first, skipped = divmod(start * plane, 8)
        bits = np.unpackbits(packed[first : -(-stop * plane // 8)], bitorder="little")
        yield start, bits[skipped : skipped + (stop - start) * plane].reshape(stop - start, *shape[1:])
