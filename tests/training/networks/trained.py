"""Small networks whose weights training has moved, on crops of a simple question."""

import copy
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from training.networks.catalogue import build_network
from training.networks.network import NodeNetwork

SIDE = {"cnn": 32, "cnn-gap": 32, "resnet50": 64}


def crops_of(side: int, count: int, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Noise with a bright or a dim disc, (count, 1, side, side), and which it is, (count, 1)."""
    rng = np.random.default_rng(seed)
    rows, columns = np.indices((side, side))
    disc = (rows - side / 2) ** 2 + (columns - side / 2) ** 2 < (side / 5) ** 2
    labels = (np.arange(count) % 2).astype(np.float32)
    crops = 0.4 + 0.1 * rng.normal(size=(count, 1, side, side)) + disc * (0.5 * labels - 0.2)[:, None, None, None]
    return crops.clip(0, 1).astype(np.float32), labels[:, None]


@cache
def trained_network(name: str) -> NodeNetwork:
    """A network after some steps of Adam, in evaluation mode; not to be changed."""
    torch.manual_seed(3)
    side = SIDE[name]
    network = build_network(name, (side, side)).train()
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    crops, labels = (torch.from_numpy(part) for part in crops_of(side, 16))
    for _ in range(2 if name == "resnet50" else 30):
        optimiser.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(network(crops), labels).backward()
        optimiser.step()
    return network.eval()


@cache
def doubled_network(name: str) -> NodeNetwork:
    """The trained network in double precision; not to be changed."""
    return copy.deepcopy(trained_network(name)).double()
