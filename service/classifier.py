"""From a CT and a mask to findings: the service without its wire."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Event

import numpy as np
from numpy.typing import NDArray

from imaging.crop import Crop, NodeStatus, PreparedNode
from imaging.decision import call_at, node_logit
from imaging.geometry import Geometry
from imaging.heatmap import heat_maps_on_volume, heat_share
from imaging.manifest import Manifest
from imaging.mask import NodeMask
from imaging.preprocessing import prepared_nodes
from imaging.separation import find_nodes
from imaging.volume import Volume
from service.findings import Code, Heat, NodeFinding, Notice, Score, SliceFinding
from service.inference.engine import Engine
from service.inference.workers import Abandoned, Workers
from service.metrics import Metrics
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
        queue_s: Seconds until the network began.
        inference_s: Seconds in the network.
        crops: The pixels of each scored node, by label: what a shadow model may score once more.
    """

    nodes: tuple[NodeFinding, ...]
    notices: tuple[Notice, ...]
    heat: Heat | None
    preprocess_s: float
    queue_s: float
    inference_s: float
    crops: dict[int, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """
    One CT on its way from nodes to findings.

    Attributes:
        volume: The CT.
        manifest: What the model says about itself.
        options: Choices of the caller.
        prepared: All nodes of the mask, by label.
    """

    volume: Volume
    manifest: Manifest
    options: ClassifyOptions
    prepared: tuple[PreparedNode, ...]

    @property
    def crops(self) -> list[Crop]:
        """Those of the nodes that are scored."""
        return [node.crop for node in self.prepared if node.crop is not None]


class Classifier:
    """
    Scores nodes: cuts crops in worker threads, asks the engine, and judges in worker threads.

    A call that is cancelled stops between two nodes, or in the engine.

    Args:
        engine: Asks the networks.
        workers: Where all else is done.
        metrics: Where nodes are counted whose call has ended before they were cut.
        max_nodes: Most nodes of one mask; None is any number.
    """

    def __init__(self, engine: Engine, workers: Workers, metrics: Metrics, max_nodes: int | None = None) -> None:
        self._engine = engine
        self._workers = workers
        self._metrics = metrics
        self._max_nodes = max_nodes

    async def classify(self, volume: Volume, mask: NodeMask, model: Model, options: ClassifyOptions) -> Classified:
        """
        Score the nodes of one CT.

        Raises:
            TooManyNodes: the mask marks more than are allowed.
            MaskOutsideVolume: the mask marks something, and nothing of it lies in the CT.
        """
        cut = partial(self._cut, volume, mask, model.manifest, options)
        asked, preprocess_s = await self._workers.run(cut)
        answered = await self._engine.ask(model, [crop.pixels for crop in asked.crops])
        nodes, heat = await self._workers.run(partial(_judged, asked, answered.crops))
        return Classified(
            nodes=nodes,
            notices=_notices(nodes, model.manifest),
            heat=heat,
            preprocess_s=preprocess_s,
            queue_s=answered.queue_s,
            inference_s=answered.inference_s,
            crops={node.node.label: node.crop.pixels for node in asked.prepared if node.crop is not None},
        )

    def _cut(
        self, volume: Volume, mask: NodeMask, manifest: Manifest, options: ClassifyOptions, ended: Event
    ) -> tuple[Asked, float]:
        start = time.perf_counter()
        nodes = find_nodes(mask, options.separation, self._max_nodes)
        prepared: list[PreparedNode] = []
        for node in prepared_nodes(volume, nodes, manifest.preprocessing, options.edge_policy):
            prepared.append(node)
            if ended.is_set():
                self._metrics.nodes_cancelled.inc(len(nodes) - len(prepared))
                raise Abandoned
        return Asked(volume, manifest, options, tuple(prepared)), time.perf_counter() - start


def _judged(asked: Asked, answers: Sequence[SliceAnswers], ended: Event) -> tuple[tuple[NodeFinding, ...], Heat | None]:
    volume, remaining, nodes = asked.volume.geometry, iter(answers), []
    for node in asked.prepared:
        if ended.is_set():
            raise Abandoned
        if node.crop is None:
            nodes.append(_unscored(node, volume))
        else:
            nodes.append(_scored(node, node.crop, next(remaining), asked))
    if asked.options.heatmap_output is not HeatmapOutput.VOLUME:
        return tuple(nodes), None
    maps = [(answer.heatmaps, crop) for crop, answer in zip(asked.crops, answers, strict=True)]
    return tuple(nodes), Heat(heat_maps_on_volume(maps, asked.manifest.heatmap, volume), volume)


def _unscored(prepared: PreparedNode, volume: Geometry) -> NodeFinding:
    node = prepared.node
    outside = prepared.status is not NodeStatus.SCORED and volume.region_of(node.box, margin=0) is None
    notice = Notice(Code.OUTSIDE_VOLUME, "the node lies outside the CT that was sent")
    return NodeFinding(
        node.label,
        prepared.status,
        node.centroid_mm,
        node.box,
        prepared.measurements,
        notices=(notice,) if outside else (),
    )


def _scored(prepared: PreparedNode, crop: Crop, answer: SliceAnswers, asked: Asked) -> NodeFinding:
    manifest, options = asked.manifest, asked.options
    logit = node_logit(answer.logits.tolist(), manifest.preprocessing.aggregation)
    probability = manifest.calibration.probability(logit)
    point = manifest.operating_point.probability if options.operating_point is None else options.operating_point
    share = heat_share(manifest.heatmap.on_crop(answer.heatmaps, crop.geometry), crop.node_mask)
    return replace(
        _unscored(prepared, asked.volume.geometry),
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
    return (*notices, *model_notices(manifest))


def model_notices(manifest: Manifest) -> tuple[Notice, ...]:
    """What the reader of every answer must know of the model."""
    notices = []
    if manifest.training_data.synthetic:
        notices.append(
            Notice(Code.SYNTHETIC_MODEL, "the model learnt from phantoms: its probabilities say nothing about patients")
        )
    if not manifest.released:
        notices.append(Notice(Code.UNGATED_MODEL, "the model did not pass its release gates: for research only"))
    return tuple(notices)
