"""
What cutting crops costs, next to resampling the whole CT.

``python -m tests.bench.preprocessing`` prints a Markdown table; compare the ratios, not the times.
"""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from imaging.geometry import Geometry
from imaging.itk import image_from
from imaging.mask import NodeMask
from imaging.preprocessing import prepare
from imaging.separation import find_nodes
from imaging.spec import PreprocessingSpec
from imaging.volume import Volume

REPEATS = 7
SPEC = PreprocessingSpec()


@dataclass(frozen=True, slots=True)
class Timing:
    """Median and range of some runs of one thing, in seconds."""

    name: str
    median_s: float
    lowest_s: float
    highest_s: float


def scene() -> tuple[Volume, NodeMask]:
    """A 512 x 512 x 300 CT, 0.78 x 0.78 x 1.0 mm, int16, and a mask on its grid with six nodes of 10 to 25 mm."""
    geometry = Geometry((300, 512, 512), (1.0, 0.78, 0.78), (-200.0, -200.0, 0.0))
    rng = np.random.default_rng(0)
    hu = np.tile(rng.integers(-100, 200, (10, 512, 512), dtype=np.int16), (30, 1, 1))
    labels = np.zeros(geometry.shape, dtype=np.uint8)
    for number, diameter_mm in enumerate((10, 13, 16, 19, 22, 25)):
        centre = np.array([60 + 35 * number, 150 + 30 * number, 350 - 30 * number])
        reach = np.ceil(diameter_mm / 2 / np.asarray(geometry.spacing_mm)).astype(int)
        region = tuple(slice(c - r, c + r + 1) for c, r in zip(centre, reach, strict=True))
        offsets_mm = (np.indices([2 * r + 1 for r in reach]).reshape(3, -1).T - reach) * geometry.spacing_mm
        inside = np.linalg.norm(offsets_mm, axis=1) <= diameter_mm / 2
        labels[region] = inside.reshape([2 * r + 1 for r in reach])
    return Volume(hu, geometry), NodeMask(labels, geometry)


def resample_everything(volume: Volume, mask: NodeMask) -> None:
    """The usual recipe: CT linear and mask B-spline, both on a grid of the spec's spacing over the whole CT."""
    grid = sitk.ResampleImageFilter()
    spacing = SPEC.spacing_mm[::-1]
    extent = np.multiply(volume.geometry.shape, volume.geometry.spacing_mm)[::-1]
    grid.SetReferenceImage(image_from(volume.hu, volume.geometry))
    grid.SetOutputSpacing(spacing)
    grid.SetSize([round(length / step) for length, step in zip(extent, spacing, strict=True)])
    grid.SetOutputPixelType(sitk.sitkFloat32)
    grid.SetInterpolator(sitk.sitkLinear)
    grid.Execute(image_from(volume.hu, volume.geometry))
    grid.SetInterpolator(sitk.sitkBSpline)
    grid.Execute(sitk.Cast(image_from(mask.labels, mask.geometry), sitk.sitkFloat32))


def timed(name: str, run: Callable[[], object], repeats: int) -> Timing:
    """Run once to warm up where there are several repeats, then measure."""
    seconds = []
    for _ in range(repeats + (repeats > 1)):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    measured = seconds[-repeats:]
    return Timing(name, statistics.median(measured), min(measured), max(measured))


def table(timings: list[Timing]) -> str:
    """A Markdown table of timings, each as a share of the first."""
    lines = ["| what | median s | lowest to highest s | share |", "|---|---|---|---|"]
    for timing in timings:
        share = f"1/{timings[0].median_s / timing.median_s:.1f}"
        spread = f"{timing.lowest_s:.4f} to {timing.highest_s:.4f}"
        lines.append(f"| {timing.name} | {timing.median_s:.4f} | {spread} | {share} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    volume, mask = scene()
    timings = [
        timed("whole CT and mask resampled with SimpleITK", lambda: resample_everything(volume, mask), 1),
        timed("six nodes, from mask to crops", lambda: prepare(volume, find_nodes(mask), SPEC), REPEATS),
        timed("of this, finding them in the mask", lambda: find_nodes(mask), REPEATS),
    ]
    sys.stdout.write(f"CT of 512 x 512 x 300 voxels, {SPEC.spacing_mm[0]} mm isotropic\n\n{table(timings)}\n")


if __name__ == "__main__":
    main()
