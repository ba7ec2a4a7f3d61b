"""A picture of one node: the crop, the mask's outline, and where the network looked."""

from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from imaging.crop import Crop

OUTLINE = "#00e5ff"
"""Cyan: visible on grey tissue and on every colour of the heat map, with any colour vision."""


def save_overlay(path: Path, crop: Crop, heat: NDArray[np.float32], title: str) -> None:
    """Write `overlay_figure` as a PNG."""
    overlay_figure(crop, heat, title).savefig(path, format="png")


def overlay_pixels(crop: Crop, heat: NDArray[np.float32], title: str, seen_mm: float) -> NDArray[np.uint8]:
    """The same picture as RGB pixels, (rows, columns, 3), with a frame of ``seen_mm`` around what the network saw."""
    figure, buffer = overlay_figure(crop, heat, title), BytesIO()
    figure.axes[0].set_title("CT with the node's outline; dotted: what the network saw", fontsize=10)
    for axes in figure.axes[:2]:
        corner = (-seen_mm / 2, -seen_mm / 2)
        axes.add_patch(Rectangle(corner, seen_mm, seen_mm, fill=False, edgecolor="white", linestyle=":"))
    figure.savefig(buffer, format="rgba")
    columns, rows = figure.canvas.get_width_height()
    return np.frombuffer(buffer.getvalue(), dtype=np.uint8).reshape(rows, columns, 4)[..., :3].copy()


def overlay_figure(crop: Crop, heat: NDArray[np.float32], title: str) -> Figure:
    """
    Draw the crop's middle slice, without and with the heat map.

    Args:
        crop: The node's crop.
        heat: Heat on the crop's pixels, (slices, rows, columns), not negative.
        title: What stands above.
    """
    middle = len(crop.pixels) // 2
    figure = Figure(figsize=(9.0, 4.6), dpi=110, layout="constrained")
    plain, heated = figure.subplots(1, 2)
    for axes in (plain, heated):
        _draw_crop(axes, crop, middle)
    plain.set_title("CT crop with the node's outline", fontsize=10)
    peak = float(heat.max())
    heated.set_title("Grad-CAM" if peak > 0 else "Grad-CAM: no positive evidence", fontsize=10)
    share = heat[middle] / peak if peak > 0 else np.zeros_like(heat[middle])
    shown = heated.imshow(share, cmap="inferno", vmin=0, vmax=1, alpha=0.65 * share, extent=_extent_mm(crop))
    figure.colorbar(shown, ax=heated, shrink=0.85, label=f"share of the peak ({peak:.3g}, raw)")
    figure.suptitle(title, fontsize=11)
    FigureCanvasAgg(figure)
    return figure


def _draw_crop(axes: Axes, crop: Crop, index: int) -> None:
    """The slice in the radiologist's view: patient's left at the right, back at the bottom, in mm."""
    extent = _extent_mm(crop)
    axes.imshow(crop.pixels[index], cmap="gray", vmin=0, vmax=1, extent=extent, interpolation="nearest")
    if crop.node_mask[index].any():
        left, right, bottom, top = extent
        rows, columns = crop.pixels.shape[1:]
        x = left + (np.arange(columns) + 0.5) * (right - left) / columns
        y = top + (np.arange(rows) + 0.5) * (bottom - top) / rows
        axes.contour(x, y, crop.node_mask[index], levels=[0.5], colors=[OUTLINE], linewidths=1.2)
    axes.set_xlabel("mm from the node's centre, right to left")
    axes.set_ylabel("mm, front to back")


def _extent_mm(crop: Crop) -> tuple[float, float, float, float]:
    """Left, right, bottom and top of the crop, from its centre."""
    width, height, _ = crop.geometry.box.size_mm
    return -width / 2, width / 2, height / 2, -height / 2
