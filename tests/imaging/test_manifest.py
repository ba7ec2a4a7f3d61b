"""A model file says all that one must know to use it, or is refused."""

import json

import pytest

from imaging.distribution import Distribution, Feature
from imaging.errors import InvalidManifest, InvalidSpec
from imaging.manifest import Gate, Manifest, TrainingData
from tests.imaging.manifests import manifest


def test_a_manifest_survives_json():
    """What training writes is what the service reads."""
    assert manifest() == Manifest.from_json(manifest().to_json())


@pytest.mark.parametrize("field", ["name", "preprocessing", "calibration", "gates", "heatmap", "training_data"])
def test_a_missing_field_is_refused(field):
    """No field has a default that could hide its absence."""
    plain = json.loads(manifest().to_json())
    del plain[field]

    with pytest.raises(InvalidManifest, match=field):
        Manifest.from_json(json.dumps(plain))


@pytest.mark.parametrize("text", ["", "[]", "3", '{"name": "x"}', "{"])
def test_other_text_is_no_manifest(text):
    """Text that is not a manifest is refused as such."""
    with pytest.raises(InvalidManifest, match="not a manifest"):
        Manifest.from_json(text)


@pytest.mark.parametrize("offsets", ["[1e999]", "[" * 100_000])
def test_numbers_and_nesting_beyond_all_bounds_are_no_manifest(offsets):
    """A file that was damaged, or made to harm, is refused like any other."""
    text = manifest().to_json().replace('"slice_offsets": [', f'"slice_offsets": {offsets}, "x": [', 1)

    assert offsets in text
    with pytest.raises(InvalidManifest, match="not a manifest"):
        Manifest.from_json(text)


def test_another_preprocessing_version_is_named():
    """A model made for another preprocessing is refused with both versions."""
    plain = json.loads(manifest().to_json())
    plain["preprocessing"]["version"] = 2

    with pytest.raises(InvalidSpec, match="version 2 is asked for, this release does 1"):
        Manifest.from_json(json.dumps(plain))


def test_released_means_that_every_gate_passed():
    """One failed gate, or none at all, is no release."""
    failed = Gate("lift above chance", 0.9, 0.8, 1.0, 1.0, False)

    assert manifest().released
    assert not manifest(gates=()).released
    assert not manifest(gates=(*manifest().gates, failed)).released


def test_a_gate_that_was_not_measured_has_not_passed():
    """Its emptiness survives JSON, it is told apart, and a manifest that claims a pass without a value is refused."""
    empty = Gate("control", None, None, None, 0.5, False, "interval contains 0.5", "give --control")
    told = manifest(gates=(*manifest().gates, empty))

    assert told == Manifest.from_json(told.to_json())
    assert ["passed", "NOT MEASURED"] == [gate.verdict for gate in told.gates]
    assert "NOT PASSED" == Gate("lift", 0.9, 0.8, 1.0, 1.0, False).verdict
    assert not told.released
    with pytest.raises(InvalidManifest, match="was not measured"):
        Manifest.from_json(told.to_json().replace('"passed": false', '"passed": true'))


def test_gates_of_older_files_are_read():
    """Files that were written before gates had conditions and notes say nothing of them."""
    plain = json.loads(manifest().to_json())
    for name in ("condition", "note"):
        del plain["gates"][0][name]

    assert manifest() == Manifest.from_json(json.dumps(plain))


def test_what_training_data_were_like_survives_json():
    """The counts that drift is measured against are part of the manifest."""
    distribution = Distribution.of(Feature.MEAN_HU, [12.5, 40.0, 41.0])
    told = manifest(training_data=TrainingData("0" * 64, True, 30, 60, (distribution,)))

    assert told == Manifest.from_json(told.to_json())


def test_older_files_do_not_say_what_training_data_were_like():
    """They are read all the same."""
    plain = json.loads(manifest().to_json())
    del plain["training_data"]["distribution"]

    assert () == Manifest.from_json(json.dumps(plain)).training_data.distribution
