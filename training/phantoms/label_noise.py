"""
Wrong labels, and which they are.

Labels go wrong as often in any node, more often in one class, where even an ideal reader would doubt, or because the
report speaks of the patient and not of the node.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import exp

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from training.errors import InvalidOptions

SEED = 0x1ABE1
"""Mixed into the seed, so that flips are independent of what else is drawn from it."""


class NoiseKind(StrEnum):
    """
    Why labels are wrong.

    * ``symmetric:R``: any label is flipped with chance R.
    * ``exact:R``: so many labels of each class that R of them are wrong, to the nearest node.
    * ``per-class:B,M``: that of a benign node with chance B, of a metastatic one with chance M.
    * ``boundary:R``: at the ideal observer's boundary a coin is tossed, away from it flips become exponentially rarer;
      how fast is solved for, so that their mean rate is R, below one half.
    * ``patient:R``: with chance R a patient's nodes are labelled by the report on the patient: all of them are called
      metastatic if any of them is.
    """

    SYMMETRIC = "symmetric"
    EXACT = "exact"
    PER_CLASS = "per-class"
    BOUNDARY = "boundary"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True)
class LabelNoise:
    """
    How labels go wrong.

    Attributes:
        kind: Why.
        rates: How often, as the kind means it.

    Raises:
        InvalidOptions: the kind needs another number of rates, or others.
    """

    kind: NoiseKind
    rates: tuple[float, ...]

    def __post_init__(self) -> None:
        wanted = 2 if self.kind is NoiseKind.PER_CLASS else 1
        if len(self.rates) != wanted:
            raise InvalidOptions(f"label noise {self.kind} needs {wanted} rate(s), got {len(self.rates)}")
        if not all(0 <= rate <= 1 for rate in self.rates):
            raise InvalidOptions(f"label noise {self}: rates must lie between 0 and 1")
        if self.kind is NoiseKind.BOUNDARY and not 0 < self.rates[0] < 0.5:
            raise InvalidOptions(f"label noise {self}: the rate must lie between 0 and 0.5, both excluded")

    def __str__(self) -> str:
        """As ``parse`` reads it."""
        return f"{self.kind}:{','.join(f'{rate:g}' for rate in self.rates)}"

    @classmethod
    def parse(cls, text: str) -> "LabelNoise":
        """
        Read ``KIND:RATE[,RATE]``.

        >>> LabelNoise.parse("per-class:0.1,0.3").rates
        (0.1, 0.3)

        Raises:
            InvalidOptions: it is not of this form.
        """
        kind, _, rates = text.partition(":")
        try:
            return cls(NoiseKind(kind), tuple(float(rate) for rate in rates.split(",")))
        except InvalidOptions:
            raise
        except ValueError as error:
            kinds = ", ".join(NoiseKind)
            raise InvalidOptions(f"label noise {text!r} is not KIND:RATE with a KIND of {kinds}") from error


def flips(
    noise: LabelNoise,
    labels: ArrayLike,
    patients: ArrayLike,
    log_likelihood_ratios: ArrayLike,
    seed: int,
    population: ArrayLike | None = None,
) -> NDArray[np.bool_]:
    """
    Which labels go wrong, (nodes,); but for ``exact``, the first nodes of a longer cohort fare as in a shorter one.

    Args:
        noise: How.
        labels: The true ones, 1 metastatic, 0 benign, (nodes,).
        patients: Whose the nodes are, (nodes,).
        log_likelihood_ratios: What the ideal observer reads, (nodes,); only ``boundary`` looks at them.
        seed: Equal seeds flip alike.
        population: Ratios over which the mean rate of ``boundary`` is as asked, if not over those of the nodes.
    """
    known, rng = np.asarray(labels).astype(bool), np.random.default_rng([seed, SEED])
    if noise.kind is NoiseKind.PATIENT:
        places = _places(patients)
        reported = np.bincount(places, weights=known) > 0
        as_reported = rng.random(len(reported)) < noise.rates[0]
        return np.asarray((as_reported & reported)[places] & ~known)
    if noise.kind is NoiseKind.EXACT:
        return _drawn(known, noise.rates[0], rng)
    if noise.kind is NoiseKind.BOUNDARY:
        ratios = np.asarray(log_likelihood_ratios, dtype=np.float64)
        reach = _reach(ratios if population is None else np.asarray(population, dtype=np.float64), noise.rates[0])
        chances = _boundary_chances(ratios, reach)
    else:
        # A single rate is that of both classes.
        chances = np.where(known, noise.rates[-1], noise.rates[0])
    return np.asarray(rng.random(len(known)) < chances)


def _drawn(metastatic: NDArray[np.bool_], rate: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """As many nodes as the rate says, to the nearest of all and within one of each class."""
    wrong = np.zeros(len(metastatic), dtype=np.bool_)
    of_metastatic = round(rate * int(metastatic.sum()))
    for label, count in ((True, of_metastatic), (False, round(rate * len(metastatic)) - of_metastatic)):
        wrong[rng.permutation(np.flatnonzero(metastatic == label))[:count]] = True
    return wrong


def _places(patients: ArrayLike) -> NDArray[np.int64]:
    """A number for each patient, in the order in which they first appear, (nodes,)."""
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(patient, len(numbers)) for patient in np.asarray(patients).tolist()])


def _boundary_chances(ratios: NDArray[np.float64], reach: float) -> NDArray[np.float64]:
    return np.asarray(0.5 * np.exp(-np.abs(ratios) / reach))


def _reach(ratios: NDArray[np.float64], rate: float) -> float:
    """How far from the boundary, as a log likelihood ratio, flips reach so that their mean rate is as asked."""

    def excess(log_reach: float) -> float:
        return float(_boundary_chances(ratios, exp(log_reach)).mean()) - rate

    return exp(brentq(excess, -20.0, 20.0))
