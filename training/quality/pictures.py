"""What the data check shows: how many fell where, how the cohort is, and what fell."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from imaging.crop import Crop, EdgePolicy
from imaging.ct import read_ct
from imaging.errors import ImagingError
from imaging.preprocessing import prepare
from imaging.spec import PreprocessingSpec
from training.plan import PAPER
from training.quality.ct_rules import axial_axis
from training.quality.examination import Examined
from training.quality.rule import Finding, Step
from training.quality.verdict import Verdict, pixel_spacing_mm, slice_spacing_mm
from training.report.picture import Picture, new_figure

THUMBNAIL_COUNT = 40
THUMBNAIL_MARGIN = 2.0
"""Side of a thumbnail, in sides of the crop: what is around a node shows why it fell."""

THUMBNAIL_PX = 128


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A case that fell, why, and how it looks."""

    finding: Finding
    picture: Picture


def waterfall_picture(row_count: int, steps: Sequence[Step]) -> Picture:
    """How many cases are left after each rule."""
    figure, axes = new_figure(f"{row_count} cases, {steps[-1].left if steps else row_count} kept")
    figure.set_size_inches(8, 1.2 + 0.3 * (len(steps) + 1))
    names = ["all", *(step.rule for step in steps)]
    left = [row_count, *(step.left for step in steps)]
    axes.barh(names, left, color="#4a7ba6")
    axes.barh(names[1:], [step.fell for step in steps], left=left[1:], color="#d98c40", label="fell here")
    for place, count in enumerate(left):
        axes.text(count, place, f" {count}", va="center", fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("cases left")
    return Picture.of(figure, "Cases left after each rule")


def histograms(examined: Sequence[Examined]) -> list[Picture]:
    """How the cases whose node was found are: spacing, slices, density and size."""
    values = {
        "in-plane spacing, mm": [pixel_spacing_mm(each) for each in examined],
        "slice spacing, mm": [slice_spacing_mm(each) for each in examined],
        "slices of the CT": [each.ct.shape[axial_axis(each.ct)] for each in examined],
        "median density in the mask, HU": [each.median_hu for each in examined],
        "longer axial side of the node, mm": [max(each.node.box.size_mm[:2]) for each in examined],
    }
    return [_histogram(title, np.array(numbers, dtype=np.float64)) for title, numbers in values.items() if numbers]


def thumbnails(verdict: Verdict) -> Iterator[Thumbnail]:
    """Up to 40 of the cases that fell and can be shown, of all rules in turn."""
    by_row = {each.case.row: each for each in verdict.examined}
    fallen = [finding for row, finding in verdict.fallen.items() if row in by_row]
    spec = replace(
        verdict.spec,
        spacing_mm=PAPER.spacing_mm,
        side_mm=THUMBNAIL_MARGIN * verdict.spec.side_mm,
        window=PAPER.window,
        slice_offsets=(0,),
        input_shape_px=(THUMBNAIL_PX, THUMBNAIL_PX),
        min_node_volume_mm3=0.0,
    )
    shown = 0
    for finding in in_turn(fallen):
        if shown < THUMBNAIL_COUNT and (crop := _crop(by_row[finding.row], spec)):
            shown += 1
            yield Thumbnail(finding, _thumbnail(crop, f"row {finding.row}: {finding.rule}"))


def in_turn(findings: Iterable[Finding]) -> list[Finding]:
    """The first finding of each rule, then the second of each, and so on."""
    counts: dict[str, int] = {}
    places = []
    for finding in findings:
        counts[finding.rule] = counts.get(finding.rule, 0) + 1
        places.append((counts[finding.rule], finding))
    return [finding for _, finding in sorted(places, key=lambda each: each[0])]


def _crop(examined: Examined, spec: PreprocessingSpec) -> Crop | None:
    try:
        [prepared] = prepare(read_ct(examined.case.image), [examined.node], spec, EdgePolicy.PAD)
    except ImagingError:  # The marks lie outside the CT: there is nothing to show.
        return None
    return prepared.crop


def _thumbnail(crop: Crop, alt: str) -> Picture:
    figure = Figure(figsize=(1.6, 1.6), dpi=100)
    axes: Axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(crop.pixels[0], cmap="gray", vmin=0, vmax=1)
    if crop.node_mask[0].any() and not crop.node_mask[0].all():
        axes.contour(crop.node_mask[0], [0.5], colors="#ffb000", linewidths=0.8)
    axes.set_axis_off()
    return Picture.of(figure, alt)


def _histogram(title: str, values: NDArray[np.float64]) -> Picture:
    figure, axes = new_figure(title)
    figure.set_size_inches(4, 3)
    axes.hist(values[np.isfinite(values)], bins=24, color="#4a7ba6")
    axes.set_ylabel("cases")
    return Picture.of(figure, f"Histogram: {title}")
