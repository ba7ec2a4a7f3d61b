"""Metrics of models."""

import shutil

from prometheus_client import CollectorRegistry

from service.findings import ModelRef
from service.models.metrics import ModelMetrics
from service.models.options import ModelOptions
from tests.service.models.published import publish, shifted
from tests.service.repositories import loaded

RESEARCH = ModelOptions(allow_research=True)


def told(registry, name):
    """The samples of a metric, by the values of their labels."""
    samples = [sample for family in registry.collect() for sample in family.samples if sample.name == name]
    return {tuple(sample.labels.values()): sample.value for sample in samples}


def test_models_are_told_while_they_are_served(models, tmp_path):
    """Each has one sample with its digest; a file that was replaced or removed has none, one that came back has."""
    shutil.copytree(models / "cnn-gap", folder := tmp_path / "own" / "cnn-gap")
    registry = CollectorRegistry()
    repository = loaded(folder.parent, None, RESEARCH, ModelMetrics(registry))
    path = folder / "1" / "model.onnx"
    content, first = path.read_bytes(), told(registry, "nodelens_model_info")
    assert {("cnn-gap", "1"), ("cnn-gap", "2")} == {labels[:2] for labels in first}
    for publishing in (shifted(content, 1.0), content):
        publish(publishing, path)
        repository.look()
        digests = {model.ref.digest for model in repository.models}
        assert digests == {labels[2] for labels in told(registry, "nodelens_model_info")}
    shutil.rmtree(folder / "2")
    repository.look()

    assert [labels for labels in first if labels[1] == "1"] == list(told(registry, "nodelens_model_info"))


def test_files_that_cannot_be_loaded_are_counted_once(models, tmp_path):
    """A bad file counts when it is found, and again when other bad content replaces it; refused gates do not count."""
    shutil.copytree(models, folder := tmp_path / "own")
    registry = CollectorRegistry()
    repository = loaded(folder, None, ModelOptions(), ModelMetrics(registry))
    repository.look()
    assert {("broken",): 1.0, ("misplaced",): 1.0} == told(registry, "nodelens_model_load_failures_total")
    publish(b"no model either", folder / "broken" / "1" / "model.onnx")
    repository.look()

    assert {("broken",): 2.0, ("misplaced",): 1.0} == told(registry, "nodelens_model_load_failures_total")


def test_problems_are_told_as_long_as_they_last(models, tmp_path):
    """A file that cannot be served is there until it is mended or removed; refused gates are no problem."""
    shutil.copytree(models, folder := tmp_path / "own")
    registry = CollectorRegistry()
    repository = loaded(folder, None, ModelOptions(), ModelMetrics(registry))
    assert {("broken",): 1.0, ("misplaced",): 1.0} == told(registry, "nodelens_model_problems")
    publish(b"no model", folder / "cnn" / "1" / "model.onnx")
    publish(b"no model", folder / "broken" / "2" / "model.onnx")
    shutil.rmtree(folder / "misplaced")
    repository.look()
    assert {("broken",): 2.0, ("cnn",): 1.0} == told(registry, "nodelens_model_problems")
    publish((models / "cnn" / "1" / "model.onnx").read_bytes(), folder / "cnn" / "1" / "model.onnx")
    repository.look()

    assert {("broken",): 2.0} == told(registry, "nodelens_model_problems")


def test_agreement_is_counted_by_pair():
    """Versions stand in the labels, because a shadow is often another version of the same name."""
    registry = CollectorRegistry()
    metrics = ModelMetrics(registry)
    first, second = ModelRef("cnn", 1, "a" * 64), ModelRef("cnn", 2, "b" * 64)
    for agrees, difference in ((True, 0.03), (True, 0.04), (False, 0.6)):
        metrics.observe_shadow(first, second, agrees, difference)

    assert {("cnn@1", "cnn@2", "yes"): 2.0, ("cnn@1", "cnn@2", "no"): 1.0} == told(
        registry, "nodelens_shadow_nodes_total"
    )
    assert {("cnn@1", "cnn@2"): 3.0} == told(registry, "nodelens_shadow_difference_count")
    assert 2.0 == told(registry, "nodelens_shadow_difference_bucket")["cnn@1", "cnn@2", "0.05"]
