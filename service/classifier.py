"""From a CT and a mask to findings: the service without its wire."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from imaging.crop import Crop, NodeStatus, PreparedNode
from imaging.decision import call_at, node_logit
from imaging.geometry import Geometry
from imaging.heatmap import heat_on_volume, heat_share
from imaging.manifest import Manifest
from imaging.mask import NodeMask
from imaging.preprocessing import prepare
from imaging.separation import find_nodes
from imaging.volume import Volume
from service.findings import Code, Heat, NodeFinding, Notice, Score, SliceFinding
from service.model import Model, SliceAnswers
from service.options import ClassifyOptions, HeatmapOutput


@dataclass(frozen=True, slots=True, eq=False)
class Classified:
    """
    What was found in one CT.

    Attributes:
        nodes: All nodes of the mask, by label.
        notices: What the reader must know about the whole.
        heat: All heat maps on the CT's grid; None unless asked for.
        preprocess_s: Seconds to cut the crops.
        inference_s: Seconds in the network.
    """

    nodes: tuple[NodeFinding, ...]
    notices: tuple[Notice, ...]
    heat: Heat | None
    preprocess_s: float
    inference_s: float


def classify(
    volume: Volume, mask: NodeMask, model: Model, options: ClassifyOptions, max_nodes: int | None = None
) -> Classified:
    """
    Score the nodes of one CT, of which the mask must not mark more than ``max_nodes``.

    Raises:
        TooManyNodes: it does.
        MaskOutsideVolume: the mask marks something, and nothing of it lies in the CT.
    """
    manifest = model.manifest
    start = time.perf_counter()
    nodes = find_nodes(mask, options.separation, max_nodes)
    prepared = prepare(volume, nodes, manifest.preprocessing, options.edge_policy)
    cut = time.perf_counter()
    crops = [(node.node.label, node.crop) for node in prepared if node.crop is not None]
    answers = model.answers([crop.pixels for _, crop in crops])
    inferred = time.perf_counter()
    by_label = {label: (crop, answer) for (label, crop), answer in zip(crops, answers, strict=True)}
    wanted = options.heatmap_output is HeatmapOutput.VOLUME
    return Classified(
        nodes=tuple(_finding(node, by_label, volume.geometry, manifest, options) for node in prepared),
        notices=_notices(nodes, manifest),
        heat=_heat(list(by_label.values()), manifest, volume.geometry) if wanted else None,
        preprocess_s=cut - start,
        inference_s=inferred - cut,
    )


def _finding(
    prepared: PreparedNode,
    by_label: dict[int, tuple[Crop, SliceAnswers]],
    volume: Geometry,
    manifest: Manifest,
    options: ClassifyOptions,
) -> NodeFinding:
    node = prepared.node
    unscored = NodeFinding(node.label, prepared.status, node.centroid_mm, node.box, prepared.measurements)
    if prepared.status is not NodeStatus.SCORED:
        outside = volume.region_of(node.box, margin=0) is None
        notice = Notice(Code.OUTSIDE_VOLUME, "the node lies outside the CT that was sent")
        return replace(unscored, notices=(notice,) if outside else ())
    crop, answer = by_label[node.label]
    logit = node_logit(answer.logits.tolist(), manifest.preprocessing.aggregation)
    probability = manifest.calibration.probability(logit)
    point = manifest.operating_point.probability if options.operating_point is None else options.operating_point
    share = heat_share(manifest.heatmap.on_crop(answer.heatmaps, crop.geometry), crop.node_mask)
    return replace(
        unscored,
        score=Score(probability, logit, call_at(point, probability), share),
        slices=_slices(crop, answer) if options.include_slices else (),
        heatmap=None if options.heatmap_output is HeatmapOutput.NONE else _heatmap(crop, answer, manifest),
        notices=_node_notices(prepared, answer),
    )


def _slices(crop: Crop, answer: SliceAnswers) -> tuple[SliceFinding, ...]:
    places = crop.geometry.points_at([(k, 0, 0) for k in range(len(answer.logits))])
    return tuple(SliceFinding(float(z), float(logit)) for z, logit in zip(places[:, 2], answer.logits, strict=True))


def _heatmap(crop: Crop, answer: SliceAnswers, manifest: Manifest) -> Heat:
    rows, columns = answer.heatmaps.shape[1:]
    return Heat(answer.heatmaps, manifest.heatmap.geometry(crop.geometry, (rows, columns)))


def _heat(scored: Sequence[tuple[Crop, SliceAnswers]], manifest: Manifest, geometry: Geometry) -> Heat:
    """All heat maps on the CT's grid; where two meet, the larger value stands."""
    values: NDArray[np.float32] = np.zeros(geometry.shape, dtype=np.float32)
    for crop, answer in scored:
        reached = heat_on_volume(answer.heatmaps, manifest.heatmap, crop, geometry)
        if reached is not None:
            region, heat = reached
            np.maximum(values[region], heat, out=values[region])
    return Heat(values, geometry)


def _node_notices(prepared: PreparedNode, answer: SliceAnswers) -> tuple[Notice, ...]:
    notices = []
    if prepared.larger_than_crop:
        notices.append(Notice(Code.LARGER_THAN_CROP, "the node does not fit the crop; the network saw a part of it"))
    if not answer.heatmaps.any():
        notices.append(
            Notice(Code.NO_POSITIVE_EVIDENCE, "no place speaks for metastasis, so that the heat map is empty")
        )
    return tuple(notices)


def _notices(nodes: Sequence[object], manifest: Manifest) -> tuple[Notice, ...]:
    notices = []
    if not nodes:
        notices.append(Notice(Code.EMPTY_MASK, "the mask marks nothing, so that there is no node to score"))
    if manifest.training_data.synthetic:
        notices.append(
            Notice(Code.SYNTHETIC_MODEL, "the model learnt from phantoms: its probabilities say nothing about patients")
        )
    if not manifest.released:
        notices.append(Notice(Code.UNGATED_MODEL, "the model did not pass its release gates: for research only"))
    return tuple(notices)
