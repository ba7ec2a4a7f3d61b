"""
Requests on the wire, and what they mean.

Here, and in `service.wire_findings`, x, y, z order meets imaging's (slices, rows, columns).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from math import isfinite, prod
from typing import Any, TypeVar

import numpy as np

from imaging.crop import EdgePolicy
from imaging.errors import ImagingError, InvalidGeometry
from imaging.geometry import Geometry, Triple
from imaging.mask import NodeMask
from imaging.separation import NodeSeparation
from imaging.volume import Volume
from nodelens.v1 import images_pb2 as images
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.bits import packed_shape, unpacked
from service.encoding import Buffer, Compression, array_of, compressed, encoded
from service.faults import InvalidRequest, Reason
from service.options import ClassifyOptions, HeatmapOutput

T = TypeVar("T")

REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{0,128}")

LEAST_MM, FAR_MM = 1e-6, 1e6
"""Bounds of places and spacings: beyond lie only damaged numbers, with which nothing can be computed."""

COMPRESSIONS = {0: Compression.NONE, 1: Compression.NONE, 2: Compression.ZSTD}
VOXEL_DTYPES: dict[int, np.dtype[Any]] = {1: np.dtype(np.int16), 2: np.dtype(np.float32)}
LABEL_DTYPES: dict[int, np.dtype[Any]] = {1: np.dtype(np.uint8), 2: np.dtype(np.uint16), 3: np.dtype(np.bool_)}
SEPARATIONS = {
    0: NodeSeparation.CONNECTED_COMPONENTS,
    1: NodeSeparation.CONNECTED_COMPONENTS,
    2: NodeSeparation.LABELS,
}
EDGE_POLICIES = {0: EdgePolicy.REPORT, 1: EdgePolicy.REPORT, 2: EdgePolicy.PAD}
HEATMAP_OUTPUTS = {0: HeatmapOutput.CROP, 1: HeatmapOutput.NONE, 2: HeatmapOutput.CROP, 3: HeatmapOutput.VOLUME}


def geometry_message(geometry: Geometry) -> images.Geometry:
    """A grid as it is sent."""
    return images.Geometry(
        size=geometry.shape[::-1],
        spacing_mm=geometry.spacing_mm[::-1],
        origin_mm=geometry.origin_mm,
        direction=np.asarray(geometry.direction)[::-1].T.ravel().tolist(),
    )


def geometry_from(message: images.Geometry, field: str) -> Geometry:
    """
    A grid as it was sent.

    Raises:
        InvalidRequest: a value is missing or impossible; its field is named.
    """
    size = _values(message.size, 3, f"{field}.size", lambda n: n >= 1, "must be at least 1")
    spacing = _values(
        message.spacing_mm,
        3,
        f"{field}.spacing_mm",
        lambda s: LEAST_MM <= s <= FAR_MM,
        "must be above 0 mm",
    )
    origin = _values(
        message.origin_mm, 3, f"{field}.origin_mm", lambda o: abs(o) <= FAR_MM, "must be finite, and no kilometres away"
    )
    direction = message.direction or np.eye(3).ravel().tolist()
    axes = np.asarray(_values(direction, 9, f"{field}.direction", isfinite, "must be finite")).reshape(3, 3)
    k, j, i = (_triple(axis) for axis in axes.T[::-1].tolist())
    try:
        return Geometry((size[2], size[1], size[0]), _triple(spacing[::-1]), _triple(origin), (k, j, i))
    except InvalidGeometry as error:
        raise InvalidRequest(f"{field}.direction", str(error), Reason.INVALID_GEOMETRY) from error


def volume_message(volume: Volume, compression: Compression = Compression.NONE) -> images.Volume:
    """A CT as it is sent."""
    return images.Volume(
        geometry=geometry_message(volume.geometry),
        voxel_type=_key(VOXEL_DTYPES, volume.hu.dtype),
        compression=_key(COMPRESSIONS, compression),
        voxels=encoded(volume.hu, compression),
    )


def volume_from(message: images.Volume, voxels: Buffer) -> Volume:
    """
    A CT as it was sent; ``voxels`` are its bytes, which came in the message or in chunks.

    Raises:
        InvalidRequest: a field is wrong.
    """
    geometry = geometry_from(message.geometry, "volume.geometry")
    dtype = _choice(VOXEL_DTYPES, message.voxel_type, "volume.voxel_type")
    compression = _choice(COMPRESSIONS, message.compression, "volume.compression")
    hu = array_of(voxels, dtype, geometry.shape, compression, "volume.voxels", Reason.INVALID_VOXELS)
    try:
        return Volume(hu, geometry)
    except ImagingError as error:
        raise InvalidRequest("volume.voxels", str(error), Reason.INVALID_VOXELS) from error


def mask_message(mask: NodeMask, compression: Compression = Compression.ZSTD) -> images.Mask:
    """A mask as it is sent: as bits where it has no label but 1."""
    labels = mask.labels
    if labels.max() <= 1:
        bits = np.packbits(labels.astype(bool), bitorder="little").tobytes()
        encoding, voxels = _key(LABEL_DTYPES, np.dtype(np.bool_)), compressed(bits, compression)
    else:
        encoding, voxels = _key(LABEL_DTYPES, labels.dtype), encoded(labels, compression)
    return images.Mask(
        geometry=geometry_message(mask.geometry),
        encoding=encoding,
        compression=_key(COMPRESSIONS, compression),
        voxels=voxels,
    )


def mask_from(message: images.Mask, voxels: Buffer) -> NodeMask:
    """
    A mask as it was sent, or, where it was sent as bits, the part of it that holds all that it marks.

    ``voxels`` are its bytes, which came in the message or in chunks.

    Raises:
        InvalidRequest: a field is wrong.
    """
    geometry = geometry_from(message.geometry, "mask.geometry")
    dtype = _choice(LABEL_DTYPES, message.encoding, "mask.encoding")
    compression = _choice(COMPRESSIONS, message.compression, "mask.compression")
    if dtype == np.bool_:
        shape = packed_shape(geometry.shape)
        packed = array_of(voxels, np.dtype(np.uint8), shape, compression, "mask.voxels", Reason.INVALID_MASK)
        part, region = unpacked(packed.ravel(), geometry.shape)
        return NodeMask(part, geometry.cropped(region))
    return NodeMask(array_of(voxels, dtype, geometry.shape, compression, "mask.voxels", Reason.INVALID_MASK), geometry)


def bytes_in_memory(request: messages.ClassifyRequest) -> int:
    """
    Bytes that CT and mask take once they are inflated, as their grids and types say.

    Raises:
        InvalidRequest: a grid or a type is impossible.
    """
    volume, mask = request.volume, request.mask
    voxel_count = prod(geometry_from(volume.geometry, "volume.geometry").shape)
    voxel_bytes = _choice(VOXEL_DTYPES, volume.voxel_type, "volume.voxel_type").itemsize
    label_count = prod(geometry_from(mask.geometry, "mask.geometry").shape)
    label_bytes = _choice(LABEL_DTYPES, mask.encoding, "mask.encoding").itemsize
    return voxel_count * voxel_bytes + label_count * label_bytes


def options_message(options: ClassifyOptions) -> messages.ClassifyOptions:
    """Choices as they are sent."""
    return messages.ClassifyOptions(
        node_separation=_key(SEPARATIONS, options.separation),
        edge_policy=_key(EDGE_POLICIES, options.edge_policy),
        heatmap_output=_key(HEATMAP_OUTPUTS, options.heatmap_output),
        operating_point=options.operating_point,
        include_slices=options.include_slices,
    )


def options_from(message: messages.ClassifyOptions) -> ClassifyOptions:
    """
    Choices as they were sent.

    Raises:
        InvalidRequest: a choice does not exist.
    """
    operating_point = message.operating_point if message.HasField("operating_point") else None
    if operating_point is not None and not 0 <= operating_point <= 1:
        raise InvalidRequest(
            "options.operating_point", f"must be in [0, 1], got {operating_point}", Reason.INVALID_OPTION
        )
    return ClassifyOptions(
        separation=_choice(SEPARATIONS, message.node_separation, "options.node_separation"),
        edge_policy=_choice(EDGE_POLICIES, message.edge_policy, "options.edge_policy"),
        heatmap_output=_choice(HEATMAP_OUTPUTS, message.heatmap_output, "options.heatmap_output"),
        operating_point=operating_point,
        include_slices=message.include_slices,
    )


def require_request_id(request_id: str, field: str = "request_id") -> None:
    """
    Refuse what is no plain identifier: it will stand in logs.

    Raises:
        InvalidRequest: it has other characters than allowed, or too many.
    """
    if not REQUEST_ID.fullmatch(request_id):
        raise InvalidRequest(field, "at most 128 letters, digits and ._:- are allowed", Reason.INVALID_REQUEST_ID)


def _values(values: Sequence[Any], count: int, field: str, fits: Callable[[Any], bool], condition: str) -> list[Any]:
    if len(values) != count:
        raise InvalidRequest(field, f"must hold {count} values, got {len(values)}", Reason.INVALID_GEOMETRY)
    for n, value in enumerate(values):
        if not fits(value):
            raise InvalidRequest(f"{field}[{n}]", f"{condition}, got {value}", Reason.INVALID_GEOMETRY)
    return list(values)


def _triple(values: Sequence[float]) -> Triple:
    a, b, c = values
    return a, b, c


def _choice(meanings: Mapping[int, T], value: int, field: str) -> T:
    if value not in meanings:
        known = ", ".join(map(str, meanings))
        raise InvalidRequest(field, f"{value} is not one of {known}", Reason.INVALID_OPTION)
    return meanings[value]


def _key(meanings: Mapping[int, T], meaning: T) -> Any:
    """The number on the wire: the last that means this, because 0 says nothing."""
    return max(number for number, known in meanings.items() if known == meaning)
