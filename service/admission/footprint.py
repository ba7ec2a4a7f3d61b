"""What a request takes before anything of it is here."""

from math import prod

from nodelens.v1 import images_pb2 as images
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.faults import InvalidRequest, Reason, RequestTooLarge
from service.wire import VOXEL_DTYPES, bytes_in_memory

FLOAT32_BYTES = 4


def bytes_held(request: messages.ClassifyRequest, inflated_bytes: int, volume_bytes: int, mask_bytes: int) -> int:
    """
    Bytes that a request holds while it is answered: as sent, what inflating adds, and the heat map of the CT.

    Args:
        request: One that fits; its voxels may be missing.
        inflated_bytes: Of CT and mask, as `require_fitting` tells them.
        volume_bytes: Of the CT's voxels, as they are sent.
        mask_bytes: Likewise.
    """
    held = volume_bytes + mask_bytes + inflated_bytes
    if _is_plain(request.volume):
        held -= _voxel_bytes(request.volume)  # The CT is used as it was sent.
    if request.options.heatmap_output == messages.HEATMAP_OUTPUT_VOLUME:
        held += prod(request.volume.geometry.size) * FLOAT32_BYTES
    return held


def require_fitting(request: messages.ClassifyRequest, limit_bytes: int, voxel_count: int) -> int:
    """
    Refuse what would take more memory than is allowed, however small it is sent; the bytes of CT and mask, inflated.

    Raises:
        InvalidRequest: a grid or a type is impossible.
        RequestTooLarge: CT or mask have more voxels, or together more bytes, than this server takes.
    """
    needed = bytes_in_memory(request)
    for name, geometry in (("CT", request.volume.geometry), ("mask", request.mask.geometry)):
        if prod(geometry.size) > voxel_count:
            raise RequestTooLarge(
                f"the {name} has {prod(geometry.size)} voxels, this server takes {voxel_count}; send a smaller part"
            )
    if needed > limit_bytes:
        raise RequestTooLarge(f"CT and mask take {needed} bytes, this server takes {limit_bytes}; send a smaller part")
    return needed


def require_announced(header: messages.ClassifyHeader) -> None:
    """
    Refuse, before they come, voxels that cannot fill the grid.

    Raises:
        InvalidRequest: a CT that is not compressed is announced with another size than its grid has.
    """
    volume = header.request.volume
    if _is_plain(volume) and header.volume_bytes != _voxel_bytes(volume):
        message = f"the geometry needs {_voxel_bytes(volume)} bytes, {header.volume_bytes} are announced"
        raise InvalidRequest("header.volume_bytes", message, Reason.INVALID_UPLOAD)


def _is_plain(volume: images.Volume) -> bool:
    return volume.compression != images.COMPRESSION_ZSTD


def _voxel_bytes(volume: images.Volume) -> int:
    return prod(volume.geometry.size) * VOXEL_DTYPES[volume.voxel_type].itemsize
