"""A model that scores the same crops, for the metrics only."""

import logging
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from service.faults import CannotStart
from service.findings import Classification, Timings
from service.models.metrics import ModelMetrics
from service.models.options import ModelOptions
from service.models.shadow import Shadow
from service.models.trial import Trial
from service.options import ClassifyOptions
from tests.service.models import SPEC
from tests.service.models.live import caller, eventually
from tests.service.models.published import publish, shifted, variant
from tests.service.models.test_metrics import told
from tests.service.repositories import loaded
from tests.service.scans import scan
from tests.service.servers import running_server
from tests.service.test_classifier import classify
from tests.service.test_metrics import samples

OTHER = replace(SPEC, side_mm=30.0)
NODES = "nodelens_shadow_nodes_total"
DROPPED = "nodelens_shadow_dropped_total"


@pytest.fixture
def content(models):
    """A sound file whose gates passed."""
    return (models / "cnn-gap" / "1" / "model.onnx").read_bytes()


@pytest.fixture
def folder(content, tmp_path):
    """``cnn-gap`` 1, a second version that is far surer, and ``wide`` 1, which sees larger crops."""
    folder = tmp_path / "models"
    publish(content, folder / "cnn-gap" / "1" / "model.onnx")
    publish(shifted(variant(content, version=2), 6.0), folder / "cnn-gap" / "2" / "model.onnx")
    publish(variant(content, name="wide", preprocessing=OTHER), folder / "wide" / "1" / "model.onnx")
    return folder


def answered(repository, name, version):
    """An answer of a model, its crops, and its manifest."""
    with repository.borrowed(name, version) as model:
        found = classify(*scan(), model, ClassifyOptions())
        answer = Classification("study-7", model.ref, found.nodes, found.notices, Timings(0.0, 0.0, 0.0, 0.0, 0.0))
        return answer, found.crops, model.manifest


def offered(folder, shadow, *models, times=1, crop_repeats=1):
    """The registry after answers of some models were offered to a shadow."""
    registry = CollectorRegistry()
    metrics, options = ModelMetrics(registry), ModelOptions(allow_research=True)
    repository = loaded(folder, None, options, metrics)
    shading = Shadow(Trial("shadow", *shadow, 1.0), repository, metrics)
    shading.check()
    for name, version in models:
        answer, crops, manifest = answered(repository, name, version)
        crops = {label: pixels.repeat(crop_repeats, axis=0) for label, pixels in crops.items()}
        for _ in range(times):
            shading.offer(answer, crops, manifest)
    shading.close()
    return registry


def test_a_server_counts_where_its_shadow_agrees(folder, tmp_path):
    """
    Both nodes of an answer are scored once more after it was given, one call is another, and the probabilities differ
    by as much as the two models' own answers; who asks the shadow itself is not compared.
    """
    words = ["--shadow", "cnn-gap@2", "--shadow-share", "1", "--poll-seconds", "0"]
    with running_server(folder, tmp_path / "log.jsonl", *words) as server, caller(server) as calls:
        shadow = calls.asked("cnn-gap", 2, request_id="study-1")
        eventually(lambda: samples(server).get((DROPPED, (("reason", "same_model"),))) == 1)
        found = calls.asked("cnn-gap", 1, request_id="study-2")
        pair = (("model", "cnn-gap@1"), ("shadow", "cnn-gap@2"))
        eventually(lambda: samples(server).get(("nodelens_shadow_difference_count", pair)) == 2)
        page = samples(server)

        assert shadow[1] - found[1] > 0.05
        assert page["nodelens_shadow_difference_sum", pair] > shadow[1] - found[1]
        counted = {dict(labels)["agrees"]: value for (name, labels), value in page.items() if name == NODES}
        assert 2 == sum(counted.values())


def test_calls_are_compared_at_each_models_own_operating_point(folder):
    """A shadow that is surer by far calls both nodes metastatic; agreement is what the model itself calls so."""
    registry = offered(folder, ("cnn-gap", 2), ("cnn-gap", 1))
    repository = loaded(folder)
    nodes, _, manifest = answered(repository, "cnn-gap", 1)
    metastatic = sum(n.score.probability >= manifest.operating_point.probability for n in nodes.nodes if n.score)
    counted = told(registry, NODES)

    assert metastatic == counted.get(("cnn-gap@1", "cnn-gap@2", "yes"), 0)
    assert 2 - metastatic == counted.get(("cnn-gap@1", "cnn-gap@2", "no"), 0)


def test_crops_of_another_preprocessing_are_dropped(folder):
    """A shadow never sees crops that were not made for it."""
    registry = offered(folder, ("cnn-gap", 2), ("wide", 1))

    assert {("preprocessing",): 1.0} == told(registry, DROPPED)
    assert {} == told(registry, NODES)


def test_what_comes_while_it_is_busy_is_dropped(folder):
    """Of answers that come at once the first is scored; the others do not wait."""
    registry = offered(folder, ("cnn-gap", 2), ("cnn-gap", 1), times=5, crop_repeats=200)

    assert {("busy",): 4.0} == told(registry, DROPPED)
    assert 2 == sum(told(registry, NODES).values())


def test_a_shadow_that_is_not_there_yet_is_awaited(folder, caplog):
    """The server starts and says so; answers are dropped until the model comes."""
    with caplog.at_level(logging.WARNING):
        registry = offered(folder, ("vgg", 0), ("cnn-gap", 1))

    assert "the shadow is not there yet" in caplog.messages
    assert {("not_served",): 1.0} == told(registry, DROPPED)


def test_a_shadow_that_can_be_compared_with_nothing_is_refused(folder):
    """Where no other model has its preprocessing, the server does not start."""
    with pytest.raises(CannotStart, match="--shadow wide: no other model has its preprocessing"):
        offered(folder, ("wide", 1))


def test_without_a_shadow_nothing_is_scored(folder):
    """No metric, and no thread."""
    registry = CollectorRegistry()
    repository = loaded(folder)
    shading = Shadow(None, repository, ModelMetrics(registry))
    shading.offer(*answered(repository, "cnn-gap", 1))
    shading.close()

    assert {} == told(registry, NODES) | told(registry, DROPPED)
