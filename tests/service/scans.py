"""A CT with nodes, as requests."""

from typing import Any

import numpy as np

from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.volume import Volume
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.encoding import Compression
from service.wire import mask_message, volume_message
from tests.imaging.scenes import ellipsoids

GRID = Geometry((30, 60, 64), (1.5, 0.8, 0.75), (-20.0, 10.0, 30.0))
LARGE_MM = (3.7, 33.3, 51.2)
SMALL_MM = (-1.0, 38.0, 46.0)
EDGE_MM = (24.0, 33.0, 51.0)
BRIGHTNESS_HU = np.array([0.0, 105.0, -70.0, 105.0])


def scan() -> tuple[Volume, NodeMask]:
    """A CT with three nodes: 1, the largest, is bright; 2, the smallest, is dark; 3 is bright, and at the edge."""
    mask = ellipsoids(GRID, (LARGE_MM, (5.0, 4.0, 4.5)), (SMALL_MM, (2.0, 2.0, 2.0)), (EDGE_MM, (2.5, 2.5, 2.5)))
    noise = np.random.default_rng(0).normal(5.0, 35.0, GRID.shape)
    return Volume((noise + BRIGHTNESS_HU[mask.labels]).astype(np.float32), GRID), mask


def request(volume: Volume | None = None, mask: NodeMask | None = None, **fields: Any) -> messages.ClassifyRequest:
    """A request for model cnn-gap, for the CT and mask above unless others are given."""
    own_volume, own_mask = scan()
    return messages.ClassifyRequest(
        **{"model": "cnn-gap", "model_version": 1} | fields,
        volume=volume_message(own_volume if volume is None else volume),
        mask=mask_message(own_mask if mask is None else mask, Compression.NONE),
    )


def stream(whole: messages.ClassifyRequest, chunk_bytes: int = 10_000) -> list[messages.ClassifyStreamRequest]:
    """The same request in chunks."""
    header = messages.ClassifyHeader(
        request=whole, volume_bytes=len(whole.volume.voxels), mask_bytes=len(whole.mask.voxels)
    )
    header.request.volume.ClearField("voxels")
    header.request.mask.ClearField("voxels")
    parts = [messages.ClassifyStreamRequest(header=header)]
    for target, data in ((1, whole.volume.voxels), (2, whole.mask.voxels)):
        for offset in range(0, len(data), chunk_bytes):
            chunk = messages.Chunk(target=target, offset=offset, data=data[offset : offset + chunk_bytes])
            parts.append(messages.ClassifyStreamRequest(chunk=chunk))
    return parts


def empty_mask(grid: Geometry = GRID) -> NodeMask:
    """A mask that marks nothing."""
    return NodeMask(np.zeros(grid.shape, dtype=np.uint8), grid)
