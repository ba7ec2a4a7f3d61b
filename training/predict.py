"""The answers of a network to many crops."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from imaging.decision import node_logit
from imaging.geometry import Geometry
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
    return _answered(network, pixels, network).astype(np.float64).reshape(pixels.shape[:2])


def slice_evidence(network: NodeNetwork, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """
    Grad-CAM of all slices before its ReLU, (nodes, slices, h, w): what speaks for (above 0) and against metastasis.

    Args:
        network: Its mode is left as it was.
        pixels: As for `slice_logits`.
    """
    evidence = _answered(network, pixels, lambda crops: network.explained(crops).evidence)
    return evidence.reshape(*pixels.shape[:2], *evidence.shape[1:])


def heat_on_crop(
    network: NodeNetwork, evidence: NDArray[np.float32], shape: tuple[int, int, int]
) -> NDArray[np.float32]:
    """The heat map of one node, read at the (slices, rows, columns) of its crop, from its evidence (slices, h, w)."""
    # Only the count of pixels matters here, not where they are.
    return network.heatmap_grid.on_crop(np.maximum(evidence, 0), Geometry(shape, (1.0, 1.0, 1.0)))


def aggregated(logits: NDArray[np.float64], rule: Aggregation) -> NDArray[np.float64]:
    """Logits of nodes, (nodes,), from those of their slices, (nodes, slices), by the rule that the service uses."""
    return np.array([node_logit(row, rule) for row in logits.tolist()], dtype=np.float64)


def node_logits(network: NodeNetwork, pixels: NDArray[np.float32], rule: Aggregation) -> NDArray[np.float64]:
    """Logits of all nodes, (nodes,); `pixels` as for `slice_logits`."""
    return aggregated(slice_logits(network, pixels), rule)


def _answered(
    network: NodeNetwork, pixels: NDArray[np.float32], answer: Callable[[Tensor], Tensor]
) -> NDArray[np.float32]:
    """The answers to all slices, (nodes x slices, ...), in evaluation mode."""
    device = next(network.parameters()).device
    slices = pixels.reshape(pixels.shape[0] * pixels.shape[1], 1, *pixels.shape[2:])
    was_training = network.training
    network.eval()
    with torch.inference_mode():
        answers = [
            answer(torch.from_numpy(np.array(slices[start : start + BATCH])).to(device)).cpu().numpy()
            for start in range(0, len(slices), BATCH)
        ]
    network.train(was_training)
    return np.concatenate(answers)
