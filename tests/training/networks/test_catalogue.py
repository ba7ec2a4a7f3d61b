"""Networks by name."""

import pytest

from training.errors import InvalidOptions
from training.networks.catalogue import NETWORK_NAMES, build_network
from training.networks.resnet50 import ResNet50


def test_every_name_has_a_network():
    """Each name builds a network of its own."""
    assert len(NETWORK_NAMES) == len({type(build_network(name, (32, 32))) for name in NETWORK_NAMES})


def test_an_unknown_name_is_refused():
    """An unknown name is an error that lists the known ones."""
    with pytest.raises(InvalidOptions, match="there are cnn, cnn-gap, resnet50"):
        build_network("vgg", (224, 224))


def test_inputs_that_cannot_be_halved_are_refused():
    """The small networks pool three times and need a multiple of 8 pixels; ResNet-50 does not."""
    with pytest.raises(InvalidOptions, match="multiple of 8"):
        build_network("cnn", (100, 96))
    assert isinstance(build_network("resnet50", (100, 100)), ResNet50)
