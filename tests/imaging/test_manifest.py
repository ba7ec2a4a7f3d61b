"""A model file says all that one must know to use it, or is refused."""

import json

import pytest

from imaging.errors import InvalidManifest, InvalidSpec
from imaging.manifest import Gate, Manifest
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
