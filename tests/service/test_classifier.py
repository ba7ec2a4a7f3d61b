"""From a CT and a mask to findings."""

import asyncio

import numpy as np
import pytest

from imaging.crop import NodeStatus
from imaging.errors import MaskOutsideVolume
from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.preprocessing import prepare
from imaging.separation import NodeSeparation, find_nodes
from service.classifier import Classifier
from service.inference.engine import Engine
from service.inference.options import InferenceOptions
from service.inference.workers import Workers
from service.metrics import Metrics
from service.model import Device, load_model
from service.options import ClassifyOptions, HeatmapOutput
from tests.imaging.scenes import ellipsoids
from tests.service.scans import GRID, LARGE_MM, empty_mask, scan

LABELS = ClassifyOptions(separation=NodeSeparation.LABELS)


@pytest.fixture(scope="module")
def model(models):
    """A model, on the CPU."""
    return load_model(models / "cnn-gap" / "1" / "model.onnx", Device.CPU, 1)


def classify(volume, mask, model, options):
    """What a classifier of its own finds."""
    metrics = Metrics()
    with Engine(InferenceOptions(), metrics) as engine, Workers(1) as workers:
        return asyncio.run(Classifier(engine, workers, metrics).classify(volume, mask, model, options))


def test_the_score_follows_from_the_slices(model):
    """Logit, probability and call are those of imaging's rules on the network's answers."""
    volume, mask = scan()
    spec = model.manifest.preprocessing
    crops = [n.crop.pixels for n in prepare(volume, find_nodes(mask, NodeSeparation.LABELS), spec) if n.crop]
    expected = [float(answer.logits.mean()) for answer in model.answers(crops)]
    scores = [node.score for node in classify(volume, mask, model, LABELS).nodes if node.score]

    np.testing.assert_allclose([score.logit for score in scores], expected, rtol=1e-6)
    for score in scores:
        assert model.manifest.calibration.probability(score.logit) == score.probability
        assert (score.probability >= model.manifest.operating_point.probability) == (score.call == "metastatic")


def test_the_lift_is_the_share_over_chance(model):
    """All heat of the brightest node lies around it: the lift is above chance."""
    score = classify(*scan(), model, LABELS).nodes[0].score

    assert 0 < score.heat_share.inside < 1
    assert score.heat_share.lift > 1


def test_maps_that_meet_keep_the_larger_value(model):
    """On the CT's grid, the heat of two nodes together is the larger of each alone."""
    volume, mask = scan()
    options = ClassifyOptions(separation=NodeSeparation.LABELS, heatmap_output=HeatmapOutput.VOLUME)
    together = classify(volume, mask, model, options).heat.values
    alone = [
        classify(volume, NodeMask(np.where(mask.labels == label, mask.labels, 0), GRID), model, options).heat.values
        for label in (1, 2)
    ]

    assert together.max() > 0
    np.testing.assert_allclose(together, np.maximum(*alone), atol=1e-6)


def test_what_a_reader_must_know(model):
    """A node that does not fit, one without evidence, one outside, and an empty mask are told by their codes."""
    volume, _ = scan()
    wide = Geometry((30, 60, 200), GRID.spacing_mm, GRID.origin_mm)
    mask = ellipsoids(wide, (LARGE_MM, (14.0, 14.0, 4.0)), ((100.0, 33.0, 51.0), (4.0, 4.0, 4.0)))
    large, outside = classify(volume, mask, model, LABELS).nodes
    codes = [notice.code for notice in classify(volume, empty_mask(), model, LABELS).notices]

    assert "LARGER_THAN_CROP" in [notice.code for notice in large.notices]
    assert NodeStatus.AT_EDGE is outside.status
    assert ["OUTSIDE_VOLUME"] == [notice.code for notice in outside.notices]
    assert ["EMPTY_MASK", "SYNTHETIC_MODEL"] == codes
    dark = classify(*scan(), model, LABELS).nodes[1]
    assert ("NO_POSITIVE_EVIDENCE" in [notice.code for notice in dark.notices]) == (dark.score.heat_share.lift == 0)


def test_a_mask_of_another_patient_is_refused(model):
    """Nothing is scored where nothing that is marked lies in the CT."""
    volume, mask = scan()

    with pytest.raises(MaskOutsideVolume):
        classify(volume, NodeMask(mask.labels, Geometry(GRID.shape, GRID.spacing_mm, (900.0, 0.0, 0.0))), model, LABELS)
