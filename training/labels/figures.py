"""Figures of an audit."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from imaging.roc import Estimate
from training.labels.audited import Opinion
from training.report.picture import Picture, new_figure
from training.split import NAMES


def noise_figure(opinions: Sequence[Opinion]) -> Picture:
    """The estimated shares of wrong labels, with intervals; of the auditors whose noise is known."""
    figure, axes = new_figure("Estimated share of wrong labels (95 % interval)")
    known = [(each.name, each.noise) for each in opinions if each.noise is not None]
    places = np.arange(len(known))
    kinds: dict[str, list[Estimate]] = {
        "among benign": [noise.among_benign for _, noise in known],
        "among metastatic": [noise.among_metastatic for _, noise in known],
        "of both": [noise.total for _, noise in known],
    }
    for shift, (name, estimates) in zip((-0.2, 0.0, 0.2), kinds.items(), strict=True):
        values = np.array([each.value for each in estimates])
        # A percentile interval need not hold the value itself.
        below = np.maximum(values - [each.lower for each in estimates], 0)
        above = np.maximum([each.upper for each in estimates] - values, 0)
        axes.errorbar(places + shift, values, yerr=np.stack([below, above]), fmt="o", capsize=3, label=name)
    axes.set_xticks(places, [name for name, _ in known])
    axes.set_ylim(bottom=0)
    axes.set_ylabel("share of labels")
    axes.legend()
    return Picture.of(figure, "Estimated share of wrong labels, by auditor and class")


def quality_figure(labels: NDArray[np.int64], qualities: NDArray[np.float64]) -> Picture:
    """How credible the given labels are to the auditors together."""
    figure, axes = new_figure("Credibility of the given labels")
    bins = np.linspace(0, 1, 21).tolist()
    for label, name in NAMES.items():
        axes.hist(qualities[labels == label], bins=bins, alpha=0.6, label=f"labelled {name}")
    axes.set_xlabel("probability of the given label, mean of the auditors")
    axes.set_ylabel("nodes")
    axes.legend()
    return Picture.of(figure, "Histogram of the probability of the given label")
