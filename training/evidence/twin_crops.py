"""Twins on disk, as `nodelens-train phantom --twins` writes them, as crops."""

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from imaging.crop import EdgePolicy
from imaging.spec import PreprocessingSpec
from training.cases import Case
from training.errors import InvalidCases
from training.scan import Scan

TWINS_FILE = "twins.csv"
KINDS = ("benign", "metastatic", "absent")


def twin_crops(folder: Path, spec: PreprocessingSpec) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    """
    The same place in each of three CTs.

    Args:
        folder: Holds ``twins.csv``.
        spec: From HU to crops; what reaches beyond a CT is padded.

    Returns:
        Crops (scenes, 3, slices, rows, columns), with a benign node, a metastatic one, and none; and the scenes' names.

    Raises:
        InvalidCases: there are no twins, or a file of theirs cannot be read.
    """
    path = folder / TWINS_FILE
    if not path.is_file():
        raise InvalidCases(f"{folder} holds no {TWINS_FILE}; make twins with `nodelens-train phantom DIR --twins N`")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    try:
        scenes = [[_case(folder, row, kind, number) for kind in KINDS] for number, row in enumerate(rows, start=2)]
        names = np.array([row["twins"] for row in rows])
    except (KeyError, ValueError) as error:
        raise InvalidCases(f"{path} is no table of twins: {error}") from error
    if not scenes:
        raise InvalidCases(f"{path} has no rows")
    crops = [[_crop(case, spec) for case in scene] for scene in tqdm(scenes, desc="twins", unit="scene")]
    return np.array(crops, dtype=np.float32), names


def _case(folder: Path, row: dict[str, str], kind: str, number: int) -> Case:
    return Case(folder / row[kind], folder / row["mask"], int(row["node"]), row["twins"], 0, number)


def _crop(case: Case, spec: PreprocessingSpec) -> NDArray[np.float32]:
    [prepared] = Scan((case,)).prepared(spec, EdgePolicy.PAD)
    if prepared.crop is None:
        raise InvalidCases(f"row {case.row}: the node is too small to be cropped; make other twins")
    return prepared.crop.pixels
