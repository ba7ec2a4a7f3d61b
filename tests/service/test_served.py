"""The models that a server has, as its callers see them."""

from typing import Any

import pytest

from service.faults import UnknownModel
from service.findings import ModelRef
from service.served import ServedModel, chosen
from tests.imaging.manifests import manifest
from tests.service.models import SPEC


def served(name: str, version: int, ready: bool = True, is_default: bool = False, **told: Any) -> ServedModel:
    """A model that passed its gates, unless something else is told."""
    text = manifest(name=name, version=version, preprocessing=SPEC, **told).to_json()
    return ServedModel(ModelRef(name, version, ""), ready, is_default, text, "" if ready else "cannot load it")


MODELS = (
    served("cnn", 1, is_default=True),
    served("gap", 1),
    served("gap", 2),
    served("gap", 3, ready=False),
    served("gap", 4, gates=()),
)


@pytest.mark.parametrize(
    ("name", "version", "expected"),
    [("", 0, "cnn 1"), ("gap", 0, "gap 2"), ("gap", 1, "gap 1"), ("gap", 4, "gap 4")],
)
def test_the_default_and_the_newest_that_passed_are_taken(name, version, expected):
    """A version that is not ready, or did not pass its gates, is passed over unless it is named."""
    assert expected == str(chosen(MODELS, name, version, "host:1"))


@pytest.mark.parametrize(
    ("models", "name", "version", "message"),
    [
        (MODELS, "gap", 3, r"host:1 has no model gap 3; it has cnn 1, .*gap 3 \(not ready: cannot load it\)"),
        (MODELS, "vgg", 0, "has no model vgg;"),
        ((), "", 0, "has no default model; it has none at all"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(models, name, version, message):
    """The message tells what was asked for, and all that the server has."""
    with pytest.raises(UnknownModel, match=message):
        chosen(models, name, version, "host:1")
