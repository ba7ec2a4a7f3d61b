"""Answers on the wire, and what they mean."""

from typing import Any

import numpy as np

from imaging.box import Box
from imaging.crop import NodeStatus
from imaging.decision import Call
from imaging.geometry import Triple
from imaging.heatmap import HeatShare
from imaging.measurements import NodeMeasurements
from nodelens.v1 import findings_pb2 as messages
from nodelens.v1 import images_pb2 as images
from service.encoding import Compression, array_of, encoded
from service.faults import Reason
from service.findings import Classification, Heat, ModelRef, NodeFinding, Notice, Score, SliceFinding, Timings
from service.wire import COMPRESSIONS, geometry_from, geometry_message

STATUSES: dict[NodeStatus, Any] = {NodeStatus.SCORED: 1, NodeStatus.AT_EDGE: 2, NodeStatus.TOO_SMALL: 3}
CALLS: dict[Call, Any] = {Call.BENIGN: 1, Call.METASTATIC: 2}
FLOAT32 = np.dtype(np.float32)
ZSTD: Any = 2


def model_message(ref: ModelRef) -> messages.ModelRef:
    """A model's name as it is sent."""
    return messages.ModelRef(name=ref.name, version=ref.version, digest=ref.digest)


def model_from(message: messages.ModelRef) -> ModelRef:
    """A model's name as it was sent."""
    return ModelRef(message.name, message.version, message.digest)


def classification_message(found: Classification) -> messages.Classification:
    """An answer as it is sent."""
    return messages.Classification(
        request_id=found.request_id,
        model=model_message(found.model),
        nodes=map(_node_message, found.nodes),
        warnings=map(_notice_message, found.notices),
        timings=messages.Timings(
            decode_s=found.timings.decode_s,
            preprocess_s=found.timings.preprocess_s,
            queue_s=found.timings.queue_s,
            inference_s=found.timings.inference_s,
            total_s=found.timings.total_s,
        ),
        heatmap_volume=_heat_volume_message(found.heat) if found.heat else None,
    )


def classification_from(message: messages.Classification) -> Classification:
    """An answer as it was sent."""
    timings = message.timings
    return Classification(
        request_id=message.request_id,
        model=model_from(message.model),
        nodes=tuple(map(_node_from, message.nodes)),
        notices=tuple(map(_notice_from, message.warnings)),
        timings=Timings(timings.decode_s, timings.preprocess_s, timings.queue_s, timings.inference_s, timings.total_s),
        heat=_heat_volume_from(message.heatmap_volume) if message.HasField("heatmap_volume") else None,
    )


def _node_message(node: NodeFinding) -> messages.NodeFinding:
    sizes = node.measurements
    message = messages.NodeFinding(
        label=node.label,
        status=STATUSES[node.status],
        centroid_mm=_point_message(node.centroid_mm),
        box=images.Box(lower_mm=_point_message(node.box.lower_mm), upper_mm=_point_message(node.box.upper_mm)),
        measurements=messages.NodeMeasurements(
            volume_mm3=sizes.volume_mm3,
            long_axis_mm=sizes.long_axis_mm,
            short_axis_mm=sizes.short_axis_mm,
            mean_hu=sizes.mean_hu,
            sd_hu=sizes.sd_hu,
        ),
        slices=[messages.SliceFinding(z_mm=s.z_mm, logit=s.logit) for s in node.slices],
        heatmap=_heat_message(node.heatmap) if node.heatmap else None,
        warnings=map(_notice_message, node.notices),
    )
    if node.score:
        message.probability, message.logit = node.score.probability, node.score.logit
        message.call = CALLS[node.score.call]
        message.heatmap_inside_node, message.heatmap_lift = node.score.heat_share.inside, node.score.heat_share.lift
    return message


def _node_from(message: messages.NodeFinding) -> NodeFinding:
    sizes = message.measurements
    return NodeFinding(
        label=message.label,
        status=next(status for status, number in STATUSES.items() if number == message.status),
        centroid_mm=_point_from(message.centroid_mm),
        box=Box(_point_from(message.box.lower_mm), _point_from(message.box.upper_mm)),
        measurements=NodeMeasurements(
            sizes.volume_mm3, sizes.long_axis_mm, sizes.short_axis_mm, sizes.mean_hu, sizes.sd_hu
        ),
        score=_score_from(message) if message.status == STATUSES[NodeStatus.SCORED] else None,
        slices=tuple(SliceFinding(s.z_mm, s.logit) for s in message.slices),
        heatmap=_heat_from(message.heatmap) if message.HasField("heatmap") else None,
        notices=tuple(map(_notice_from, message.warnings)),
    )


def _score_from(message: messages.NodeFinding) -> Score:
    call = next(call for call, number in CALLS.items() if number == message.call)
    share = HeatShare(message.heatmap_inside_node, message.heatmap_lift)
    return Score(message.probability, message.logit, call, share)


def _heat_message(heat: Heat) -> images.Heatmap:
    return images.Heatmap(
        geometry=geometry_message(heat.geometry),
        values=encoded(heat.values, Compression.NONE),
        peak=float(heat.values.max()),
    )


def _heat_from(message: images.Heatmap) -> Heat:
    geometry = geometry_from(message.geometry, "heatmap.geometry")
    values = array_of(
        message.values, FLOAT32, geometry.shape, Compression.NONE, "heatmap.values", Reason.INVALID_VOXELS
    )
    return Heat(values, geometry)


def _heat_volume_message(heat: Heat) -> images.HeatmapVolume:
    return images.HeatmapVolume(
        geometry=geometry_message(heat.geometry), compression=ZSTD, values=encoded(heat.values, Compression.ZSTD)
    )


def _heat_volume_from(message: images.HeatmapVolume) -> Heat:
    geometry = geometry_from(message.geometry, "heatmap_volume.geometry")
    compression = COMPRESSIONS[message.compression]
    values = array_of(
        message.values, FLOAT32, geometry.shape, compression, "heatmap_volume.values", Reason.INVALID_VOXELS
    )
    return Heat(values, geometry)


def _notice_message(notice: Notice) -> messages.Warning:
    return messages.Warning(code=notice.code, message=notice.message)


def _notice_from(message: messages.Warning) -> Notice:
    return Notice(message.code, message.message)


def _point_message(point_mm: Triple) -> images.Point:
    x, y, z = point_mm
    return images.Point(x=x, y=y, z=z)


def _point_from(message: images.Point) -> Triple:
    return message.x, message.y, message.z
