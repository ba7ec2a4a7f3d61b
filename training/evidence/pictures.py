"""Pictures of the evidence."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from imaging.roc import Estimate
from training.evidence.counterfactual import Counterfactual
from training.evidence.nodes import HeldOutNodes
from training.evidence.randomisation import Randomisation
from training.evidence.repainted import Repainted
from training.networks.network import NodeNetwork
from training.predict import heat_on_crop, slice_evidence, slice_logits
from training.report.picture import Picture, new_figure
from training.split import NAMES

SHOWN_COUNT = 2
"""Nodes of each label in the picture of crops."""


def cascade_picture(randomisation: Randomisation) -> Picture:
    """How like the trained network's maps those are whose weights are taken back one group after the other."""
    alt = "Similarity of the maps as weights are taken back from the head on"
    figure, axes = new_figure(alt)
    _bars(axes, randomisation.similarities)
    axes.set_ylabel("absolute rank correlation with the trained maps")
    axes.set_ylim(0, 1)
    return Picture.of(figure, alt)


def changes_picture(changes: Counterfactual) -> Picture:
    """How much the logit changes without the node, without as much elsewhere, and on other backgrounds."""
    alt = "Change of the logit when the node, or something else, is taken away"
    figure, axes = new_figure(alt)
    named = {"node": changes.removed, "as much elsewhere": changes.elsewhere, "all but the node": changes.swapped}
    _bars(axes, named)
    axes.set_ylabel("mean absolute change of the logit")
    axes.set_ylim(bottom=0)
    return Picture.of(figure, alt)


def crops_picture(network: NodeNetwork, nodes: HeldOutNodes, painted: Repainted) -> Picture:
    """The middle slices of some nodes with their heat, and what the network says when parts are taken away."""
    shown = [int(n) for label in NAMES for n in np.flatnonzero(nodes.labels == label)[:SHOWN_COUNT]]
    views = {
        "crop": painted.pixels,
        "node painted out": painted.removed,
        "painted out elsewhere": painted.elsewhere,
        "other background": painted.swapped(0),
    }
    figure = Figure(figsize=(11, 2.9 * len(shown)), dpi=80, layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(shown), len(views), squeeze=False)
    for row, node in zip(grid, shown, strict=True):
        for axes, (name, pixels) in zip(row, views.items(), strict=True):
            logit = float(slice_logits(network, pixels[[node]])[0].mean())
            axes.set_title(f"{name}: {logit:+.2f}", fontsize=9)
            _draw_crop(axes, network, pixels[node], nodes.node_masks[node])
        row[0].set_ylabel(NAMES[int(nodes.labels[node])])
    return Picture.of(figure, "Crops with the node's outline, heat maps, and mean logits of the slices")


def _draw_crop(axes: Axes, network: NodeNetwork, pixels: NDArray[np.float32], node_mask: NDArray[np.bool_]) -> None:
    slices, rows, columns = pixels.shape
    middle = slices // 2
    heat = heat_on_crop(network, slice_evidence(network, pixels[None])[0], (slices, rows, columns))[middle]
    axes.imshow(pixels[middle], cmap="gray", vmin=0, vmax=1)
    axes.imshow(heat, cmap="inferno", alpha=0.5 * np.divide(heat, heat.max(), out=np.zeros_like(heat), where=heat > 0))
    if node_mask[middle].any() and not node_mask[middle].all():
        axes.contour(node_mask[middle], levels=[0.5], colors="cyan", linewidths=0.8)
    axes.set_xticks([])
    axes.set_yticks([])


def _bars(axes: Axes, estimates: dict[str, Estimate | None]) -> None:
    """Each value with its interval; what has none is left open."""
    for place, estimate in enumerate(estimates.values()):
        if estimate is not None:
            axes.bar(place, estimate.value, color="0.75")
            axes.vlines(place, estimate.lower, estimate.upper, color="black")
    axes.set_xticks(range(len(estimates)), list(estimates), rotation=20, ha="right", fontsize=8)
