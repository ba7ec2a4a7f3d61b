"""How much of what wrong labels took a review gives back."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.roc import Estimate, auc_difference, auc_with_interval
from training.reproduction.cohort import LabelledCohort
from training.reproduction.cure import Course
from training.reproduction.review import Arm

ENOUGH = 0.5
"""Share of what noise took that a guided review is hoped to give back."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """
    One model at one point of the curve; AUCs are on the true labels, out of fold, intervals from resampled patients.

    Attributes:
        model: Its name.
        share: Of the nodes, that is reviewed.
        reviewed_count: Nodes.
        noisy: Learnt from the given labels.
        clean: From the true ones.
        guided: From those after the guided review.
        random: From those after as many reviews at random.
        taken: Clean above noisy.
        gained: Guided above noisy.
        gained_at_random: Random above noisy.
        above_random: Guided above random.
    """

    model: str
    share: float
    reviewed_count: int
    noisy: Estimate
    clean: Estimate
    guided: Estimate
    random: Estimate
    taken: Estimate
    gained: Estimate
    gained_at_random: Estimate
    above_random: Estimate

    @property
    def recovered(self) -> float | None:
        """Share of what was taken that the guided review gives back; None where nothing was taken."""
        return self.gained.value / self.taken.value if self.taken.value > 0 else None

    @property
    def recovered_at_random(self) -> float | None:
        """The same of the review at random."""
        return self.gained_at_random.value / self.taken.value if self.taken.value > 0 else None


def recoveries_of(course: Course, cohort: LabelledCohort) -> Iterator[Recovery]:
    """Each model at each point where it answered in both arms."""
    labels, patients = cohort.labels, cohort.patients

    def worth(scores: NDArray[np.float64]) -> Estimate:
        return auc_with_interval(labels, scores, patients)

    def above(scores: NDArray[np.float64], others: NDArray[np.float64]) -> Estimate:
        return auc_difference(labels, scores, others, patients)

    for share in sorted({point.share for point in course.reviews}):
        guided_point, random_point = course.of(Arm.GUIDED, share), course.of(Arm.RANDOM, share)
        for model, guided in guided_point.scores.items():
            noisy, clean, random = (each.scores[model] for each in (course.noisy, course.clean, random_point))
            yield Recovery(
                model=model,
                share=share,
                reviewed_count=guided_point.reviewed_count,
                noisy=worth(noisy),
                clean=worth(clean),
                guided=worth(guided),
                random=worth(random),
                taken=above(clean, noisy),
                gained=above(guided, noisy),
                gained_at_random=above(random, noisy),
                above_random=above(guided, random),
            )
