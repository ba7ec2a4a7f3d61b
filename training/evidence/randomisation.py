"""Whether the maps depend on what was learnt."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from imaging.roc import Estimate
from training.config import RunConfig
from training.evidence.localisation import Located, located_all
from training.evidence.measured import mean_of, over_last_axis
from training.evidence.nodes import HeldOutNodes
from training.evidence.similarity import rank_correlations
from training.networks.catalogue import build_network
from training.networks.network import NodeNetwork
from training.predict import slice_evidence


@dataclass(frozen=True, slots=True)
class Randomisation:
    """
    The maps of networks whose weights are taken back, from the head to the first layer.

    The model parameter randomisation test of Adebayo et al. (2018, arXiv:1810.03292).

    Attributes:
        draw_count: Fresh networks that weights were taken from; every node counts with its mean over them.
        similarities: By the group of weights that was taken back last: absolute rank correlation of the evidence with
            that of the trained network. A map turned to its negative still shows the same shapes.
        lift: Heat-map lift where all weights are fresh.
        highest_lift: Mean lift of that fresh network which has the highest; intervals know of patients, not of draws.
        lift_above: Lift of the trained network minus that, in pairs.
        node_count: Pairs; a node whose map is empty under the trained network or all fresh ones makes none.
    """

    draw_count: int
    similarities: dict[str, Estimate | None]
    lift: Estimate | None
    highest_lift: float | None
    lift_above: Estimate | None
    node_count: int


def fresh_networks(config: RunConfig, count: int) -> Iterator[NodeNetwork]:
    """Networks like that of a run before it learnt anything, each from a seed of its own."""
    for seed in range(count):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            yield build_network(config.network, config.spec.input_shape_px).eval()


def cascade(network: NodeNetwork, fresh: NodeNetwork) -> Iterator[tuple[str, NodeNetwork]]:
    """
    The network with more and more groups of its weights replaced by fresh ones, from the head to the first layer.

    Yields:
        The group that was replaced last, and one network that the next step changes further.
    """
    mixed, fresh_state = copy.deepcopy(network), fresh.state_dict()
    for group in reversed(list(dict.fromkeys(map(_group, fresh_state)))):
        replaced = {name: value for name, value in fresh_state.items() if _group(name) == group}
        mixed.load_state_dict({**mixed.state_dict(), **replaced})
        yield group, mixed


def randomisation(
    network: NodeNetwork, fresh: Sequence[NodeNetwork], nodes: HeldOutNodes, trained: Sequence[Located]
) -> Randomisation:
    """
    Take the weights back for each of the fresh networks in turn.

    Args:
        network: The trained one.
        fresh: Networks of its kind; one at least.
        nodes: What to look at.
        trained: Where the trained network's heat lies on them.
    """
    evidence = slice_evidence(network, nodes.pixels)
    by_group: dict[str, list[NDArray[np.float64]]] = {}
    lifts = []
    for each in fresh:
        for group, mixed in cascade(network, each):
            maps = slice_evidence(mixed, nodes.pixels)
            by_group.setdefault(group, []).append(np.abs(rank_correlations(evidence, maps)))
        lifts.append([found.lift for found in located_all(each, maps, nodes, margin_mm=0.0)])
    lift, drawn = over_last_axis(np.array(lifts).T), over_last_axis(np.array(lifts))
    above = np.array([found.lift for found in trained]) - lift
    return Randomisation(
        draw_count=len(fresh),
        similarities={
            group: mean_of(over_last_axis(np.array(rows).T), nodes.patients) for group, rows in by_group.items()
        },
        lift=mean_of(lift, nodes.patients),
        highest_lift=float(np.nanmax(drawn)) if np.isfinite(drawn).any() else None,
        lift_above=mean_of(above, nodes.patients),
        node_count=int(np.isfinite(above).sum()),
    )


def _group(parameter: str) -> str:
    """A layer of a small network, a stage of a large one: ``conv1``, ``backbone.layer4``."""
    return ".".join(parameter.split(".")[:-1][:2])
