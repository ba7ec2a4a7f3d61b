"""A small reproduction that is finished."""

from dataclasses import dataclass
from pathlib import Path

import torch

from tests.training.reproduction.small import SETTINGS
from training.paper import reproduced
from training.reproduction.cohort import LabelledCohort, read_phantoms
from training.reproduction.networks import Machine
from training.reproduction.report import Reproduction

MACHINE = Machine(torch.device("cpu"), SETTINGS.seed)


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """A reproduction, its folder, and its cohort."""

    folder: Path
    found: Reproduction
    cohort: LabelledCohort


def reproduce(folder: Path) -> Finished:
    """Do all of the small one."""
    return Finished(folder, reproduced(folder, SETTINGS, MACHINE), read_phantoms(folder))
