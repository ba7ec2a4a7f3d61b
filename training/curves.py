"""Figures of a run."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import roc_curve

from training.report.picture import new_figure
from training.roc import auc
from training.run import Epoch


def draw_roc(path: Path, labels: ArrayLike, scores: Mapping[str, ArrayLike], title: str) -> None:
    """Write the ROC curves of several scores of the same nodes as a PNG."""
    figure, axes = new_figure(title)
    for name, values in scores.items():
        false_positive, true_positive, _ = roc_curve(labels, values)
        axes.plot(false_positive, true_positive, label=f"{name}: AUC {auc(labels, values):.3f}")
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="chance")
    axes.set_xlabel("1 - specificity")
    axes.set_ylabel("sensitivity")
    axes.set_aspect("equal")
    axes.legend(loc="lower right")
    figure.savefig(path)


def draw_loss(path: Path, history: Sequence[Epoch], best: Epoch, title: str) -> None:
    """Write the course of a training as a PNG."""
    figure, axes = new_figure(title)
    epochs = np.array([epoch.number for epoch in history])
    axes.plot(epochs, [epoch.training_loss for epoch in history], label="training loss")
    axes.plot(epochs, [epoch.validation_loss for epoch in history], label="validation loss")
    axes.plot(epochs, [epoch.validation_auc for epoch in history], label="validation AUC", linestyle=":")
    axes.axvline(best.number, color="0.6", linestyle="--", label=f"best epoch: {best.number}")
    axes.set_xlabel("epoch")
    axes.set_ylabel("binary cross-entropy of a slice; AUC of nodes")
    axes.set_ylim(bottom=0)
    axes.legend()
    figure.savefig(path)
