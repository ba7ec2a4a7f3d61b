"""How much better a network is on what it learns from than on what it does not."""

from dataclasses import dataclass
from statistics import mean

from training.course import Course


@dataclass(frozen=True, slots=True)
class Gap:
    """
    One epoch of a training.

    Attributes:
        epoch: Its number.
        training_auc: Of the nodes learnt from, while learning, dropout and augmentation included.
        validation_auc: Of nodes that are not learnt from.
        difference: The former above the latter.
    """

    epoch: int
    training_auc: float
    validation_auc: float
    difference: float


def gaps_of(course: Course) -> tuple[Gap, ...]:
    """The gap of each epoch that recorded it; older runs did not."""
    return tuple(
        Gap(epoch.number, epoch.training_auc, epoch.validation_auc, epoch.training_auc - epoch.validation_auc)
        for epoch in course.epochs
        if epoch.training_auc is not None
    )


def mean_training_auc(courses: list[Course]) -> float | None:
    """The mean over trainings of the training AUC at the best epoch; None if one did not record it."""
    areas = [course.best.training_auc for course in courses]
    known = [area for area in areas if area is not None]
    return mean(known) if known and len(known) == len(areas) else None
