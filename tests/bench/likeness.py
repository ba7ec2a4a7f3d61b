"""
Where distinct nodes end and copies of one node begin: what `training.duplicates.LIKENESS` must lie between.

``python -m tests.bench.likeness CASES`` compares the crops of a table with each other,
and each of them with a copy that was moved by up to 1 mm, scaled by up to 5 % and given other noise of 10 HU.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform

from imaging.crop import EdgePolicy
from imaging.spec import PreprocessingSpec
from imaging.window import Window
from training.cases import read_cohort
from training.crops import load_crops
from training.duplicates import LIKENESS, find_duplicates

SHIFT_MM, SCALE, NOISE_HU = 1.0, 0.05, 10.0
AT_ONCE = 60
"""Copies compared in one go; all pairs are compared, so that fewer are faster."""


def copies(pixels: NDArray[np.float32], spec: PreprocessingSpec, seed: int = 0) -> NDArray[np.float32]:
    """Each crop (nodes, slices, rows, columns) as another export and another reconstruction might give it."""
    rng = np.random.default_rng(seed)
    centre = (np.asarray(pixels.shape[2:]) - 1) / 2
    made = np.empty_like(pixels)
    for crop, copy in zip(pixels, made, strict=True):
        scale = 1 + rng.uniform(-SCALE, SCALE)
        shift = rng.uniform(-SHIFT_MM, SHIFT_MM, 2) / np.asarray(spec.input_spacing_mm[-2:])
        for plane, target in zip(crop, copy, strict=True):
            affine_transform(
                plane, np.eye(2) * scale, centre * (1 - scale) + shift, output=target, order=1, mode="nearest"
            )
    noise = rng.normal(0, NOISE_HU / (spec.window.upper_hu - spec.window.lower_hu), made.shape)
    return np.clip(made + noise * ((made > 0) & (made < 1)), 0, 1).astype(np.float32)


def of_copies(pixels: NDArray[np.float32], spec: PreprocessingSpec) -> NDArray[np.float64]:
    """Likeness of each crop and its copy, (nodes,); 0 where none was found."""
    found = np.zeros(len(pixels))
    for start in range(0, len(pixels), AT_ONCE):
        own = np.asarray(pixels[start : start + AT_ONCE])
        both = np.concatenate([own, copies(own, spec, start)])
        for pair in find_duplicates(both, np.arange(len(both)), likeness=0.0):
            if pair.second == pair.first + len(own):
                found[start + pair.first] = pair.likeness
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.likeness", description="Likeness of crops")
    parser.add_argument("cases", type=Path, metavar="CASES", help="table of cases")
    parser.add_argument("--window", type=float, nargs=2, default=(-135, 215), metavar=("LOWER", "UPPER"), help="in HU")
    parser.add_argument("--side-mm", type=float, default=32.0, metavar="MM", help="of the box; default: %(default)s")
    parser.add_argument("--input-px", type=int, default=96, metavar="N", help="side of the crop; default: %(default)s")
    args = parser.parse_args()
    spec = PreprocessingSpec(
        window=Window(*args.window), side_mm=args.side_mm, input_shape_px=(args.input_px, args.input_px)
    )
    crops = load_crops(read_cohort(args.cases), spec, EdgePolicy.PAD)
    patients = [case.patient for case in crops.cases]
    distinct = max((pair.likeness for pair in find_duplicates(crops.pixels, patients, likeness=0.0)), default=0.0)
    found = of_copies(crops.pixels, spec)
    sys.stdout.write(
        f"{len(found)} nodes, crops of {args.side_mm:g} mm in {args.window[0]:g} to {args.window[1]:g} HU\n"
        f"highest likeness of different patients: {distinct:.3f}\n"
        f"copies at {LIKENESS} or above: {(found >= LIKENESS).mean():.4f} of {len(found)}; lowest: {found.min():.3f}\n"
    )


if __name__ == "__main__":
    main()
