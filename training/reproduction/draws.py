"""The cure over many draws of wrong labels: a single draw may favour either arm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import sqrt
from statistics import mean, stdev
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from imaging.roc import CONFIDENCE, Estimate, auc
from training.radiomics.features import NodeFeatures
from training.report.picture import Picture, new_figure
from training.reproduction.cohort import LabelledCohort, given_labels
from training.reproduction.cure import LINEAR, TRUSTING, Course, Cure
from training.reproduction.networks import Machine
from training.reproduction.review import Arm
from training.reproduction.settings import HEADLINE_SHARE, Settings
from training.reproduction.steps import Steps

MODELS = (LINEAR, TRUSTING)
"""Those that are measured: of networks, and of all baselines, it would take hours."""

FEWEST = 2
"""Draws that an interval needs."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """
    One model at one point of the curve over all draws: mean AUCs on the true labels, out of fold.

    Intervals are those of the mean over draws (Student's t); differences are paired, draw by draw.

    Attributes:
        model: Its name.
        share: Of the nodes, that is reviewed.
        draw_count: Of wrong labels.
        noisy: Learnt from the given labels.
        clean: From the true ones.
        guided: From those after the guided review.
        random: From those after as many reviews at random.
        above_random: Guided above random.
    """

    model: str
    share: float
    draw_count: int
    noisy: Estimate
    clean: Estimate
    guided: Estimate
    random: Estimate
    above_random: Estimate

    @property
    def recovered(self) -> float | None:
        """Share of what wrong labels took that the guided review gives back; None where nothing was taken."""
        return self._share(self.guided)

    @property
    def recovered_at_random(self) -> float | None:
        """The same of the review at random."""
        return self._share(self.random)

    def _share(self, reached: Estimate) -> float | None:
        taken = self.clean.value - self.noisy.value
        return (reached.value - self.noisy.value) / taken if taken > 0 else None


def drawn_cures(
    steps: Steps, cohort: LabelledCohort, features: NodeFeatures, settings: Settings, machine: Machine
) -> tuple[Drawn, ...]:
    """Cure the same phantoms of other wrong labels, drawn by the seeds from 0 on; reader and folds follow the seed."""
    shares = tuple(share for share in settings.shares if share <= HEADLINE_SHARE)

    def work(seed: int) -> dict[str, Any]:
        own = replace(settings, seed=seed, shares=shares, pooling_shares=())
        given = cohort.truth.with_labels(given_labels(cohort.labels, own).tolist())
        inner = Steps(steps.folder / "draws" / str(seed))
        course = Cure(
            inner, LabelledCohort(given, cohort.truth), features, own, machine, (LINEAR,), audits=False
        ).course()
        return {model: _aucs(course, model, shares[1:], cohort.labels) for model in MODELS}

    found = [steps.once(f"draw-{seed}", partial(work, seed)) for seed in range(settings.draw_count)]
    return tuple(
        _over_draws(model, shares[place], [_at(each[model], place) for each in found])
        for place in range(1, len(shares))
        for model in (MODELS if len(found) >= FEWEST else ())
    )


def _aucs(course: Course, model: str, shares: Sequence[float], labels: NDArray[np.int64]) -> dict[str, list[float]]:
    """The AUC of a model at each share, by arm; without a review at the first place."""
    reached = {arm.value: [auc(labels, course.of(arm, share).scores[model]) for share in shares] for arm in Arm}
    start, clean = (auc(labels, each.scores[model]) for each in (course.noisy, course.clean))
    return {"clean": [clean] * (len(shares) + 1), **{arm: [start, *aucs] for arm, aucs in reached.items()}}


def _at(aucs: Mapping[str, Sequence[float]], place: int) -> dict[str, float]:
    return {"noisy": aucs[Arm.GUIDED][0], **{name: each[place] for name, each in aucs.items()}}


def _over_draws(model: str, share: float, aucs: Sequence[Mapping[str, float]]) -> Drawn:
    means = {name: mean_over_draws([each[name] for each in aucs]) for name in aucs[0]}
    above = mean_over_draws([each[Arm.GUIDED] - each[Arm.RANDOM] for each in aucs])
    return Drawn(model, share, len(aucs), above_random=above, **means)


def mean_over_draws(values: Sequence[float]) -> Estimate:
    """The mean of two values at least, with Student's interval."""
    reach = float(t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)) * stdev(values) / sqrt(len(values))
    return Estimate(mean(values), mean(values) - reach, mean(values) + reach)


def draws_figure(model: str, drawn: Sequence[Drawn]) -> Picture:
    """Mean AUC on the true labels against the share of nodes reviewed, in both arms."""
    own = [each for each in drawn if each.model == model]
    figure, axes = new_figure(f"{model}, mean of {own[0].draw_count} draws of wrong labels (SYNTHETIC)")
    for arm, shift in ((Arm.GUIDED, -0.15), (Arm.RANDOM, 0.15)):
        estimates: list[Estimate] = [own[0].noisy, *(getattr(each, arm.value) for each in own)]
        places = [100 * share + shift for share in (0.0, *(each.share for each in own))]
        reach = [each.upper - each.value for each in estimates]
        axes.errorbar(places, [each.value for each in estimates], reach, marker="o", capsize=3, label=f"{arm} review")
    axes.axhline(own[0].clean.value, color="0.4", linestyle="--", label="clean labels")
    axes.set_xlabel("nodes reviewed, per cent")
    axes.set_ylabel("mean AUC on true labels")
    axes.legend(loc="lower right")
    return Picture.of(figure, f"Mean AUC of {model} on true labels against the share reviewed, guided and random")
