"""Charts of a cohort, in colours that every kind of colour vision tells apart, and lines that differ without them."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#6e7781"
"""Of Okabe and Ito (2008)."""

BINS = [n / 20 for n in range(21)]


def histogram(groups: Mapping[str, Sequence[float]], operating_point: float, mark: str = "") -> Figure:
    """How many nodes have which probability, by group: those of a label, or all; ``mark`` ends the title."""
    figure, axes = _figure(f"Probability of metastasis{mark}")
    for (name, values), colour, hatch in zip(groups.items(), (BLUE, ORANGE, GREY), ("", "//", ".."), strict=False):
        label = f"{name} ({len(values)})"
        axes.hist(values, BINS, label=label, color=colour, alpha=0.6, hatch=hatch, edgecolor="white")
    axes.axvline(operating_point, color="black", linestyle="--", label=f"operating point {operating_point:.2f}")
    axes.set_xlabel("probability")
    axes.set_ylabel("nodes")
    axes.legend(fontsize=8)
    return figure


def roc_curve(roc: Mapping[str, Any], mark: str = "") -> Figure:
    """The curve of ``roc.json`` with its operating point; ``mark`` ends the title."""
    area = roc["auc"]
    figure, axes = _figure(f"ROC: AUC {interval(area)}{mark}")
    points = [(each["false_positive_rate"], each["true_positive_rate"]) for each in roc["roc"]]
    axes.plot(*zip(*points, strict=True), color=BLUE, label="this cohort")
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="chance")
    at = (1 - roc["specificity"]["value"], roc["sensitivity"]["value"])
    axes.plot(*at, "o", color=ORANGE, label=f"operating point {roc['operating_point']:.2f}")
    axes.set_xlabel("1 − specificity")
    axes.set_ylabel("sensitivity")
    axes.set_aspect("equal")
    axes.legend(fontsize=8, loc="lower right")
    return figure


def reliability(calibration: Mapping[str, Any], mark: str = "") -> Figure:
    """Whether probabilities are as large as the shares of metastatic nodes; ``mark`` ends the title."""
    figure, axes = _figure(f"Calibration: Brier score {interval(calibration['brier'])}{mark}")
    bins = calibration["bins"]
    shares = [each["metastatic_share"] for each in bins]
    below = [max(share["value"] - share["lower"], 0) for share in shares]
    above = [max(share["upper"] - share["value"], 0) for share in shares]
    x, y = [each["mean_probability"] for each in bins], [share["value"] for share in shares]
    axes.errorbar(x, y, (below, above), fmt="o-", color=BLUE, capsize=3, label="95 % intervals")
    axes.plot([0, 1], [0, 1], color=GREY, linestyle=":", label="perfect")
    axes.set_xlabel("mean probability")
    axes.set_ylabel("share of metastatic nodes")
    axes.set_aspect("equal")
    axes.legend(fontsize=8, loc="upper left")
    return figure


def interval(estimate: Mapping[str, float]) -> str:
    """
    A value with its 95 % interval.

    >>> interval({"value": 0.8, "lower": 0.7, "upper": 0.9})
    '0.800 (0.700 to 0.900)'
    """
    return f"{estimate['value']:.3f} ({estimate['lower']:.3f} to {estimate['upper']:.3f})"


def _figure(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(5.5, 4.4), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_title(title, fontsize=10)
    return figure, axes
