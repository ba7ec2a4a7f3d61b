"""The report on a cohort, from the results of a batch: one file, readable offline."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from imaging.atomic import write_text
from imaging.errors import ImagingError
from service.batch.frame import CASES_CSV
from service.faults import ServiceFault
from service.pages.bundle import script
from service.pages.card import MARK, ModelCard
from service.pages.charts import histogram, interval, reliability, roc_curve
from service.pages.entry import Entry
from service.pages.page import rendered
from service.pages.picture import Picture
from service.pages.results import InvalidResults, Result, Results
from service.table import RESEARCH_USE

PICTURE_COUNT = 12
"""Nodes that are shown: the worst misses, or the most probable where nothing is known."""

ROW_COUNT = 5000
"""Nodes that are listed, the most probable; nodes.csv has all."""

ON_PHANTOMS = "SYNTHETIC: the CTs are phantoms. These numbers say nothing about patients."
NAMES = {0: "benign", 1: "metastatic"}


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """
    A node of the cohort.

    Attributes:
        result: Its case.
        node: As ``findings.json`` has it.
        label: 1 metastatic, 0 benign, None unknown.
    """

    result: Result
    node: dict[str, Any]
    label: int | None

    @property
    def probability(self) -> float:
        """Of metastasis; below 0 where it was not scored, so that it comes last."""
        return -1.0 if self.node["probability"] is None else float(self.node["probability"])

    @property
    def truth(self) -> str:
        """The label in words; empty where unknown."""
        return "" if self.label is None else NAMES[self.label]

    @property
    def error(self) -> str:
        """What is wrong with the call, as the label has it; empty where nothing is, or nothing is known."""
        if not self.truth or self.node["call"] in (None, self.truth):
            return ""
        return "false negative" if self.label else "false positive"

    @property
    def distance(self) -> float:
        """From the label to the probability."""
        return abs((self.label or 0) - self.probability)

    @property
    def entry(self) -> Entry:
        """The node as the page tells of it."""
        return Entry.of(self.node, self.result.case.name)


def write_cohort_report(path: Path, results: Results) -> None:
    """
    Write the page of a cohort; an existing file is replaced.

    Args:
        path: Where to write.
        results: What a batch left; CTs of the nodes that are shown are read again.

    Raises:
        InvalidResults: no case was scored.
    """
    if not results.scored:
        raise InvalidResults(f"{results.folder}: no case was scored, so that there is nothing to report")
    nodes = sorted(_nodes(results.scored), key=lambda known: known.probability, reverse=True)
    shown, heading = _chosen(nodes)
    card = ModelCard.of(results.scored[0].findings, results.manifest)
    mark = MARK if results.summary["synthetic_data"] else card.mark
    page = rendered(
        "cohort.html.j2",
        scripts=(script("table.js"),),
        title="Findings in a cohort",
        research_use=RESEARCH_USE,
        card=card,
        notices=(ON_PHANTOMS,) if results.summary["synthetic_data"] else (),
        mark=mark,
        summary=results.summary,
        roc=results.roc,
        interval=interval,
        charts=_charts(nodes, card, results.roc, mark),
        failures=_failures(results.folder),
        heading=heading,
        pictures=[(known, *_picture(known)) for known in shown],
        rows=[(known.entry, known.truth, known.error) for known in nodes[:ROW_COUNT]],
        hidden=max(len(nodes) - ROW_COUNT, 0),
        created=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    )
    write_text(path, page)


def _nodes(scored: Iterable[Result]) -> Iterator[Known]:
    for result in scored:
        for node in result.findings["nodes"]:
            yield Known(result, node, result.labels.get(node["label"]))


def _chosen(nodes: Sequence[Known]) -> tuple[list[Known], str]:
    """The nodes that are worth a picture, and what they are."""
    if any(known.truth and known.node["call"] for known in nodes):
        missed = sorted((known for known in nodes if known.error), key=lambda known: known.distance, reverse=True)
        return missed[:PICTURE_COUNT], "Worst misses"
    return [known for known in nodes if known.node["call"]][:PICTURE_COUNT], "Highest probabilities"


def _charts(nodes: Sequence[Known], card: ModelCard, roc: Any, mark: str) -> list[Picture]:
    groups: dict[str, list[float]] = {}
    for known in nodes:
        if known.node["call"]:
            groups.setdefault(known.truth or "without a label", []).append(known.probability)
    alt = f"How many nodes have which probability of metastasis{mark}"
    charts = [Picture.of(histogram(groups, card.operating_point, mark), alt)]
    if roc and "auc" in roc:
        charts.append(Picture.of(roc_curve(roc, mark), f"ROC curve; AUC {interval(roc['auc'])}{mark}"))
        alt = f"Calibration; Brier score {interval(roc['calibration']['brier'])}{mark}"
        charts.append(Picture.of(reliability(roc["calibration"], mark), alt))
    return charts


def _failures(folder: Path) -> list[tuple[str, str, str]]:
    """Case, reason and message of what was not scored."""
    try:
        with (folder / CASES_CSV).open(newline="", encoding="utf-8") as table:
            rows = [row for row in csv.DictReader(table) if row["outcome"] != "scored"]
    except OSError:
        return []
    return [(row["case"], row["reason"] or row["outcome"], row["message"]) for row in rows]


def _picture(known: Known) -> tuple[Picture | None, str]:
    """The node in its CT, or why it cannot be shown."""
    label, name = known.node["label"], f"Node {known.node['label']} of {known.result.case.name}"
    try:
        look = known.result.study().looks.get(label)
    except (ImagingError, ServiceFault) as error:
        return None, f"It cannot be shown: {error}"
    return (Picture.of_look(look, name), "") if look else (None, "It cannot be shown: the mask no longer has it.")
