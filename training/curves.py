"""Figures of a run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from sklearn.metrics import roc_curve

from imaging.calibration import Calibrated
from imaging.roc import auc
from training.course import Course
from training.report.picture import new_figure
from training.statistics.net_benefit import NetBenefit

LEARNT, HELD_OUT, QUIET = "C0", "C1", "0.6"
"""Colours of what a network learns from, of what it does not, and of what is there to compare."""

LOWEST_NET_BENEFIT = -0.1


def draw_roc(path: Path, labels: ArrayLike, scores: Mapping[str, ArrayLike], title: str) -> None:
    """Write the ROC curves of several scores of the same nodes as a PNG."""
    roc_figure({name: (labels, values) for name, values in scores.items()}, title).savefig(path)


def roc_figure(curves: Mapping[str, tuple[ArrayLike, ArrayLike]], title: str, of: str = "") -> Figure:
    """The ROC curves of labels and scores by name; the axes say what they are of, if it is not nodes."""
    figure, axes = new_figure(title)
    for name, (labels, values) in curves.items():
        false_positive, true_positive, _ = roc_curve(labels, values)
        axes.plot(false_positive, true_positive, label=f"{name}: AUC {auc(labels, values):.3f}")
    axes.plot([0, 1], [0, 1], color=QUIET, linestyle="--", label="chance")
    axes.set_xlabel(f"1 - specificity{of}")
    axes.set_ylabel(f"sensitivity{of}")
    axes.set_aspect("equal")
    axes.legend(loc="lower right")
    return figure


def draw_loss(path: Path, courses: Mapping[str, Course], title: str) -> None:
    """Write the losses of one or several trainings as a PNG."""
    figure, axes = new_figure(title)
    for course in courses.values():
        epochs = [epoch.number for epoch in course.epochs]
        axes.plot(epochs, [epoch.training_loss for epoch in course.epochs], color=LEARNT, label="training loss")
        axes.plot(epochs, [epoch.validation_loss for epoch in course.epochs], color=HELD_OUT, label="validation loss")
    _finish(axes, courses, "binary cross-entropy of a slice")
    axes.set_ylim(bottom=0)
    figure.savefig(path)


def draw_gap(path: Path, courses: Mapping[str, Course], held_out_auc: float, title: str) -> None:
    """Write the AUC of nodes that are learnt from beside that of nodes that are not, by epoch, as a PNG."""
    figure, axes = new_figure(title)
    for course in courses.values():
        epochs = [epoch.number for epoch in course.epochs]
        learnt = [np.nan if epoch.training_auc is None else epoch.training_auc for epoch in course.epochs]
        validation = [epoch.validation_auc for epoch in course.epochs]
        axes.plot(epochs, learnt, color=LEARNT, label="training AUC, while learning")
        axes.plot(epochs, validation, color=HELD_OUT, label="validation AUC")
        axes.fill_between(epochs, learnt, validation, color=QUIET, alpha=0.2 / len(courses), label="gap")
    axes.axhline(held_out_auc, color="C2", label=f"held-out AUC {held_out_auc:.3f}")
    _finish(axes, courses, "AUC of nodes")
    axes.set_ylim(top=1.02)
    figure.savefig(path)


def draw_reliability(path: Path, calibrated: Calibrated, title: str) -> None:
    """Write the share of metastatic nodes against the probability they were given, with counts, as a PNG."""
    figure, axes = new_figure(title)
    given = np.array([each.mean_probability for each in calibrated.bins])
    shares = [each.metastatic_share for each in calibrated.bins]
    values = np.array([share.value for share in shares])
    below = np.maximum(values - [share.lower for share in shares], 0)
    above = np.maximum([share.upper for share in shares] - values, 0)
    axes.plot([0, 1], [0, 1], color=QUIET, linestyle="--", label="perfect")
    axes.errorbar(given, values, yerr=[below, above], marker="o", capsize=3, label="bins, 95 % interval")
    for x, y, each in zip(given, values, calibrated.bins, strict=True):
        axes.annotate(f"{each.node_count}", (x, y), xytext=(5, -10), textcoords="offset points", fontsize=7)
    axes.set_xlabel("mean probability (numbers: nodes in the bin)")
    axes.set_ylabel("share of metastatic nodes")
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.legend(loc="upper left")
    figure.savefig(path)


def draw_decision(path: Path, curve: Sequence[NetBenefit], title: str) -> None:
    """Write the net benefit of acting on the answers, always and never as a PNG."""
    figure, axes = new_figure(title)
    thresholds = [each.threshold for each in curve]
    benefits = [each.acting_on_answers for each in curve]
    axes.plot(thresholds, [benefit.value for benefit in benefits], label="acting on the answers")
    lower, upper = [benefit.lower for benefit in benefits], [benefit.upper for benefit in benefits]
    axes.fill_between(thresholds, lower, upper, alpha=0.2, label="95 % interval")
    axes.plot(thresholds, [each.acting_always for each in curve], color="C1", label="acting always")
    axes.axhline(0, color=QUIET, linestyle="--", label="acting never")
    axes.set_xlabel("threshold probability")
    axes.set_ylabel("net benefit, true positives a node")
    axes.set_ylim(LOWEST_NET_BENEFIT, max(0.05, *upper) + 0.02)
    axes.legend(loc="upper right")
    figure.savefig(path)


def _finish(axes: Axes, courses: Mapping[str, Course], what: str) -> None:
    """Mark the best epochs, name the axes, and name what is drawn once."""
    for course in courses.values():
        label = f"best epoch: {course.best.number}" if len(courses) == 1 else "best epochs"
        axes.axvline(course.best.number, color=QUIET, linestyle="--", linewidth=1, label=label)
    axes.set_xlabel("epoch")
    axes.set_ylabel(what)
    handles, labels = axes.get_legend_handles_labels()
    named = dict(zip(labels, handles, strict=True))
    axes.legend(named.values(), named.keys())
