"""The networks by name."""

from training.errors import InvalidOptions
from training.networks.cnn import Cnn, CnnGap
from training.networks.network import NodeNetwork
from training.networks.resnet50 import ResNet50

NETWORK_NAMES = ("cnn", "cnn-gap", "resnet50")
PRETRAINED_NAMES = ("resnet50",)
"""Those that may start from weights learnt elsewhere."""


def build_network(name: str, input_shape_px: tuple[int, int]) -> NodeNetwork:
    """
    A network with fresh weights, drawn from torch's global generator.

    Args:
        name: One of `NETWORK_NAMES`.
        input_shape_px: Rows and columns of its input.

    Raises:
        InvalidOptions: no such network, or one that cannot read such an input.
    """
    match name:
        case "cnn":
            return Cnn(input_shape_px)
        case "cnn-gap":
            return CnnGap(input_shape_px)
        case "resnet50":
            return ResNet50()
    raise InvalidOptions(f"no network is called {name!r}; there are {', '.join(NETWORK_NAMES)}")
