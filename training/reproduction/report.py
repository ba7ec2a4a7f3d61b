"""The report of a reproduction: the paper's Table 3 beside ours, and the curve of the cure."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from imaging.atomic import write_text
from imaging.roc import Estimate
from training.report.page import write_page
from training.report.picture import Picture, new_figure
from training.reproduction.cure import Course, Point
from training.reproduction.draws import Drawn, draws_figure
from training.reproduction.recovery import Recovery
from training.reproduction.review import Arm
from training.reproduction.settings import HEADLINE_SHARE, Settings
from training.reproduction.summary import summary
from training.reproduction.table3 import TableRow

TEMPLATE = Path(__file__).with_name("paper.html.j2")
SYNTHETIC = "SYNTHETIC: measured on phantoms; this says nothing of patients."


@dataclass(frozen=True, slots=True, eq=False)
class Reproduction:
    """
    All that was found.

    Attributes:
        settings: All choices.
        cohort: What the file of the cohort says.
        node_count: Nodes that were read.
        wrong_share: Share of wrong labels among the given ones.
        rows: Of Table 3.
        course: Of the cure.
        recoveries: Of each model at each point.
        draws: The same over many draws of wrong labels; empty if there was one.
    """

    settings: Settings
    cohort: dict[str, Any]
    node_count: int
    wrong_share: float
    rows: tuple[TableRow, ...]
    course: Course
    recoveries: tuple[Recovery, ...]
    draws: tuple[Drawn, ...]

    def words(self) -> list[str]:
        """What the numbers say."""
        return list(summary(self.rows, self.recoveries, self.draws, HEADLINE_SHARE))


def table3_text(rows: Sequence[TableRow]) -> str:
    """Table 3, the paper's beside ours, in Markdown."""
    lines = [
        "| | training accuracy: paper | ours | test AUC: paper | ours, given labels | ours, true labels | by the law "
        "| test slices | not as in the paper |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.name} | {row.paper_training_accuracy:.2f} | {row.training_accuracy:.2f} | {row.paper_auc:.2f} "
        f"| {row.given_auc} | {row.true_auc} | {row.predicted_auc:.2f} | {row.slice_count} "
        f"| {'; '.join(row.deviations) or 'nothing'} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def cure_text(recoveries: Sequence[Recovery]) -> str:
    """The cure in Markdown, a row for each model at each point."""
    lines = [
        "| model | reviewed | AUC on true labels: guided | random | guided above random | no review | clean labels "
        "| recovered: guided | random |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {each.model} | {each.reviewed_count} ({each.share:.1%}) | {each.guided} | {each.random} "
        f"| {each.above_random} | {each.noisy.value:.3f} | {each.clean.value:.3f} "
        f"| {share_text(each.recovered)} | {share_text(each.recovered_at_random)} |"
        for each in recoveries
    ]
    return "\n".join(lines) + "\n"


def draws_text(draws: Sequence[Drawn]) -> str:
    """The cure over many draws in Markdown, a row for each model at each point."""
    lines = [
        "| mean of draws of wrong labels | reviewed | AUC on true labels: guided | random | guided above random "
        "| no review | clean labels | recovered: guided | random |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {each.model}, {each.draw_count} draws | {each.share:.1%} | {each.guided} | {each.random} "
        f"| {each.above_random} | {each.noisy.value:.3f} | {each.clean.value:.3f} "
        f"| {share_text(each.recovered)} | {share_text(each.recovered_at_random)} |"
        for each in draws
    ]
    return "\n".join(lines) + "\n"


def share_text(share: float | None) -> str:
    """A share in per cent, or a dash."""
    return "–" if share is None else f"{share:.0%}"


def write_reproduction(out: Path, found: Reproduction) -> None:
    """Write ``paper.json`` and ``paper.html``."""
    points = [found.course.noisy, *found.course.reviews]
    content = {
        "synthetic": True,
        "settings": asdict(found.settings),
        "cohort": found.cohort,
        "nodes": found.node_count,
        "wrong_share": found.wrong_share,
        "not_as_in_the_paper": found.settings.deviations(),
        "table3": [asdict(row) for row in found.rows],
        "points": [_point(each) for each in points],
        "cure": [
            {**asdict(each), "recovered": each.recovered, "recovered_at_random": each.recovered_at_random}
            for each in found.recoveries
        ],
        "draws": [
            {**asdict(each), "recovered": each.recovered, "recovered_at_random": each.recovered_at_random}
            for each in found.draws
        ],
        "summary": found.words(),
    }
    write_text(out / "paper.json", json.dumps(content, indent=1) + "\n")
    write_page(
        out / "paper.html",
        TEMPLATE,
        True,
        found=found,
        points=points,
        pictures=[_figure(model, found.recoveries) for model in _models(found.recoveries)],
        draws_pictures=[draws_figure(model, found.draws) for model in _models(found.draws)],
        share_text=share_text,
    )


def _models(points: Sequence[Recovery | Drawn]) -> list[str]:
    """Each model once."""
    return list(dict.fromkeys(each.model for each in points))


def _point(point: Point) -> dict[str, Any]:
    own = {name: getattr(point, name) for name in ("arm", "share", "reviewed_count", "wrong_share")}
    return {**own, **{name: point.turn.get(name) for name in ("audit", "lift")}}


def _figure(model: str, recoveries: Sequence[Recovery]) -> Picture:
    """AUC on the true labels against nodes reviewed, in both arms."""
    own = [each for each in recoveries if each.model == model]
    figure, axes = new_figure(f"{model}, AUC on true labels, out of fold (SYNTHETIC)")
    counts = [0, *(each.reviewed_count for each in own)]
    for arm, shift in ((Arm.GUIDED, -1), (Arm.RANDOM, 1)):
        estimates: list[Estimate] = [own[0].noisy, *(getattr(each, arm.value) for each in own)]
        # Side by side, so that both intervals are seen; a percentile interval need not hold the value itself.
        places = [count + shift * counts[-1] / 150 for count in counts]
        below = [max(each.value - each.lower, 0) for each in estimates]
        above = [max(each.upper - each.value, 0) for each in estimates]
        values = [each.value for each in estimates]
        axes.errorbar(places, values, yerr=[below, above], marker="o", capsize=3, label=f"{arm} review")
    axes.axhline(own[0].clean.value, color="0.4", linestyle="--", label="clean labels")
    axes.axhline(0.5, color="0.8", linestyle=":", label="chance")
    axes.set_xlabel("nodes reviewed")
    axes.set_ylabel("AUC on true labels")
    axes.legend(loc="lower right")
    return Picture.of(figure, f"AUC of {model} on true labels against nodes reviewed, guided and random")
