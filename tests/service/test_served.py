"""The models that a server has, as its callers see them."""

import pytest

from service.faults import UnknownModel
from service.findings import ModelRef
from service.served import ServedModel, chosen


def served(name: str, version: int, ready: bool = True, is_default: bool = False) -> ServedModel:
    """A model without a manifest."""
    return ServedModel(ModelRef(name, version, ""), ready, is_default, "", "" if ready else "cannot load it")


MODELS = (served("cnn", 1, is_default=True), served("gap", 1), served("gap", 2), served("gap", 3, ready=False))


@pytest.mark.parametrize(("name", "version", "expected"), [("", 0, "cnn 1"), ("gap", 0, "gap 2"), ("gap", 1, "gap 1")])
def test_the_default_and_the_newest_that_is_ready_are_taken(name, version, expected):
    """A version that is not ready is passed over."""
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
