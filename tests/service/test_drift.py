"""How far inputs have moved from what a model learnt from."""

from contextlib import contextmanager
from dataclasses import replace

import grpc
import numpy as np
import onnx
import pytest
from prometheus_client import CollectorRegistry

from imaging.crop import NodeStatus
from imaging.distribution import Distribution, Feature, ct_features, node_features
from imaging.geometry import Geometry
from imaging.manifest import METADATA_KEY, TrainingData
from imaging.measurements import NodeMeasurements
from imaging.volume import Volume
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from service.drift import FEWEST, WINDOW, Drift
from service.findings import ModelRef
from service.model import Device, Model, load_model
from service.options import ClassifyOptions
from tests.imaging.manifests import manifest
from tests.imaging.scenes import ellipsoids
from tests.service.answers import node
from tests.service.scans import request
from tests.service.servers import running_server
from tests.service.test_classifier import classify
from tests.service.test_metrics import samples

CT = Geometry((30, 40, 40), (1.5, 0.8, 0.8))
DIGEST = "ab" * 32


def scan_of(rng, slice_mm):
    """A small CT with a node of some size and brightness in its middle."""
    pixel_mm = rng.choice([0.7, 0.75, 0.8])
    grid = Geometry((int(36 / slice_mm), 44, 44), (slice_mm, pixel_mm, pixel_mm))
    mask = ellipsoids(grid, (grid.box.centre_mm, tuple(rng.uniform(3.0, 6.0, 3))))
    noise = rng.normal(0.0, 30.0, grid.shape)
    return Volume((noise + mask.labels * rng.normal(60.0, 40.0)).astype(np.float32), grid), mask


def scans(count, slices_mm, seed):
    """Some such CTs; their slices have one of these distances."""
    rng = np.random.default_rng(seed)
    return [scan_of(rng, float(rng.choice(slices_mm))) for _ in range(count)]


@pytest.fixture(scope="module")
def knowing(models, tmp_path_factory):
    """A folder with ``cnn-gap`` 1, which says that it learnt from CTs such as these with slices of 1 to 1.5 mm."""
    source = models / "cnn-gap" / "1" / "model.onnx"
    model = load_model(source, Device.CPU, 1)
    rows = []
    for volume, mask in scans(150, (1.0, 1.25, 1.5), seed=0):
        [found] = classify(volume, mask, model, ClassifyOptions()).nodes
        spacing = ct_features(volume.geometry.upright_spacing_mm)
        rows.append({**spacing, **node_features(found.measurements), Feature.PROBABILITY: found.score.probability})
    told = tuple(Distribution.of(feature, [row[feature] for row in rows]) for feature in Feature)
    data = replace(model.manifest.training_data, distribution=told)
    whole = onnx.load(source)
    properties = {each.key: each.value for each in whole.metadata_props}
    properties[METADATA_KEY] = replace(model.manifest, training_data=data).to_json()
    onnx.helper.set_model_props(whole, properties)
    folder = tmp_path_factory.mktemp("knowing")
    (folder / "cnn-gap" / "1").mkdir(parents=True)
    onnx.save(whole, folder / "cnn-gap" / "1" / "model.onnx")
    return folder


@contextmanager
def connected(server):
    """The calls of a server."""
    with grpc.insecure_channel(server.address) as channel:
        yield NodeClassifierServiceStub(channel)


def score(stub, cts):
    """Send CTs to be scored."""
    for volume, mask in cts:
        stub.Classify(request(volume, mask))


def model_of(version=1, digest=DIGEST, told=True):
    """A model that learnt from nodes of 300 to 500 mm³, or does not say so; it need not run."""
    volumes = Distribution.of(Feature.VOLUME, np.linspace(300.0, 500.0, 200))
    data = TrainingData("0" * 64, True, 30, 60, (volumes,) if told else ())
    return Model(ModelRef("cnn", version, digest), manifest(version=version, training_data=data), None)


def see(drift, model, count, **changes):
    """Answer a CT with that many nodes."""
    drift.observe(model.ref, CT, [node(n, **changes) for n in range(count)])


@pytest.fixture
def registry():
    """What Prometheus is told."""
    return CollectorRegistry()


def told(registry):
    """The drift of sizes; None where nothing is told."""
    return registry.get_sample_value("nodelens_input_drift", {"model": "cnn", "feature": "volume_mm3"})


def test_nothing_is_told_before_enough_was_seen(registry):
    """The gauge appears with the hundredth node; those that were not scored do not count."""
    drift, model = Drift(registry), model_of()
    drift.serve(model)
    see(drift, model, FEWEST - 1)
    see(drift, model, FEWEST, status=NodeStatus.AT_EDGE)
    before = told(registry)
    see(drift, model, 1)

    assert before is None
    assert told(registry) > 0.25


def test_only_the_last_nodes_count(registry):
    """What was sent long ago is forgotten."""
    drift, model = Drift(registry), model_of()
    drift.serve(model)
    see(drift, model, WINDOW)
    sizes = np.random.default_rng(0).uniform(300.0, 500.0, WINDOW)
    drift.observe(model.ref, CT, [node(1, measurements=NodeMeasurements(size, 9, 7, 40, 12)) for size in sizes])

    assert told(registry) < 0.1


@pytest.mark.parametrize(("version", "digest"), [(2, DIGEST), (1, "cd" * 32)])
def test_another_model_starts_anew(registry, version, digest):
    """A newer version, or another file of the same, is told nothing of what its forerunner was sent."""
    drift, newer = Drift(registry), model_of(version, digest)
    drift.serve(model_of())
    see(drift, model_of(), FEWEST)
    drift.serve(newer)
    see(drift, model_of(), FEWEST)
    before = told(registry)
    see(drift, newer, FEWEST)

    assert before is None
    assert told(registry) > 0.25


def test_the_newest_version_is_watched(registry):
    """An older version beside it, and the same model once more, change nothing."""
    drift, newest = Drift(registry), model_of(2)
    drift.serve(newest)
    see(drift, newest, FEWEST)
    for model in (model_of(1), newest):
        drift.serve(model)

    assert told(registry) > 0.25


def test_a_retired_model_has_no_gauge(registry):
    """Neither does one that does not say what it learnt from."""
    drift = Drift(registry)
    drift.serve(model_of())
    see(drift, model_of(), FEWEST)
    drift.retire("cnn")
    assert told(registry) is None

    drift.serve(model_of(told=False))
    see(drift, model_of(told=False), FEWEST)
    assert told(registry) is None


def drifts(server):
    """What the page says, by feature."""
    return {
        dict(labels)["feature"]: value for (name, labels), value in samples(server).items() if "input_drift" in name
    }


def test_thicker_slices_are_told(knowing, tmp_path):
    """Nothing until enough was seen, nothing above .25 for CTs like those of training, then slices of 5 mm are told."""
    with running_server(knowing, tmp_path / "log.jsonl", "--threads", "1") as server, connected(server) as stub:
        score(stub, scans(FEWEST - 1, (1.0, 1.25, 1.5), seed=1))
        early = drifts(server)
        score(stub, scans(1, (1.0, 1.25, 1.5), seed=2))
        alike = drifts(server)
        score(stub, scans(40, (5.0,), seed=3))
        other = drifts(server)

    assert {} == early
    assert {feature.value for feature in Feature} == set(alike)
    assert max(alike.values()) < 0.25
    assert other["spacing_z_mm"] > 0.25 > max(other["spacing_x_mm"], other["mean_hu"])


def test_a_model_that_does_not_say_what_it_learnt_from_is_served(server, stub):
    """Files of older releases have no gauge, and answer as ever."""
    found = [stub.Classify(request()).classification for _ in range(2)]

    assert [3, 3] == [len(each.nodes) for each in found]
    assert {} == drifts(server)
