"""The answers of a network to many crops."""

import numpy as np
import torch
from numpy.typing import NDArray

from imaging.decision import node_logit
from imaging.spec import Aggregation
from training.networks.network import NodeNetwork

BATCH = 32


def slice_logits(network: NodeNetwork, pixels: NDArray[np.float32]) -> NDArray[np.float64]:
    """
    Logits of all slices, (nodes, slices), in evaluation mode on the network's own device.

    Args:
        network: Its mode is left as it was.
        pixels: (nodes, slices, rows, columns) in [0, 1]; at least one node.
    """
    device = next(network.parameters()).device
    shape = pixels.shape
    slices = pixels.reshape(shape[0] * shape[1], 1, *shape[2:])
    was_training = network.training
    network.eval()
    with torch.inference_mode():
        logits = [
            network(torch.from_numpy(np.array(slices[start : start + BATCH])).to(device)).double().cpu().numpy()
            for start in range(0, len(slices), BATCH)
        ]
    network.train(was_training)
    return np.concatenate(logits).reshape(shape[:2])


def aggregated(logits: NDArray[np.float64], rule: Aggregation) -> NDArray[np.float64]:
    """Logits of nodes, (nodes,), from those of their slices, (nodes, slices), by the rule that the service uses."""
    return np.array([node_logit(row, rule) for row in logits.tolist()], dtype=np.float64)


def node_logits(network: NodeNetwork, pixels: NDArray[np.float32], rule: Aggregation) -> NDArray[np.float64]:
    """Logits of all nodes, (nodes,); `pixels` as for `slice_logits`."""
    return aggregated(slice_logits(network, pixels), rule)
