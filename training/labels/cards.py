"""What a reader sees of each node."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from tqdm import tqdm

from imaging.crop import Crop, EdgePolicy
from imaging.spec import PreprocessingSpec
from imaging.window import Window
from training.cases import Case, fault
from training.report.picture import Picture
from training.scan import scans_of

VIEW = PreprocessingSpec(
    spacing_mm=(2.5, 0.5, 0.5),
    window=Window(lower_hu=-160.0, upper_hu=240.0),
    side_mm=80.0,
    slice_offsets=(-1, 0, 1),
    input_shape_px=(192, 192),
    min_node_volume_mm3=0.0,
)
"""The soft-tissue window (level 40, width 400 HU), and enough surroundings to recognise the place."""

OUTLINE = "#00e5ff"
BAR_MM = 10.0


def node_pictures(cases: Sequence[Case]) -> tuple[Picture, ...]:
    """
    The largest cross-section of each node and its neighbours, 2.5 mm below and above, with the mask's outline.

    Raises:
        InvalidCases: CT or mask cannot be read, or do not belong together.
    """
    pictures: dict[Case, Picture] = {}
    for scan in tqdm(scans_of(cases), desc="pictures", unit="scan"):
        for case, prepared in zip(scan.cases, scan.prepared(VIEW, EdgePolicy.PAD), strict=True):
            if prepared.crop is None:
                raise fault(case.row, "node", f"cannot be shown: {prepared.status}")
            pictures[case] = node_picture(prepared.crop)
    return tuple(pictures[case] for case in cases)


def node_picture(crop: Crop) -> Picture:
    """The slices of a crop side by side, from the feet to the head."""
    figure = Figure(figsize=(7.8, 2.65), dpi=80, layout="constrained")
    FigureCanvasAgg(figure)
    for index, axes in enumerate(figure.subplots(1, len(crop.pixels))):
        _draw_slice(axes, crop, index)
    return Picture.of(figure, "Axial slices through the node, with its outline")


def _draw_slice(axes: Axes, crop: Crop, index: int) -> None:
    axes.imshow(crop.pixels[index], cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    if crop.node_mask[index].any():
        axes.contour(crop.node_mask[index], levels=[0.5], colors=[OUTLINE], linewidths=0.9)
    rows, columns = crop.pixels.shape[1:]
    bar_px = BAR_MM / crop.geometry.spacing_mm[2]
    axes.plot(np.array([0.04 * columns, 0.04 * columns + bar_px]), [0.95 * rows] * 2, color="white", linewidth=2)
    axes.set_axis_off()
