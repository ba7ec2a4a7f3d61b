"""
What a batch came to: ``summary.json``, and the same for the terminal.

::

    research_use, synthetic_model, synthetic_data    as everywhere
    model            {name, version, digest}
    cases            {all, scored, failed, not_tried}
    nodes            {all, scored, at_edge, too_small, called_metastatic}
    failures         {reason: count}, the commonest first
    sent_again       names of the cases that were under way when a process was killed: sent once more, since nobody had
                     the answer. No other case was sent after it had been scored
    wall_s           seconds of this run
    scored_now       cases that were scored in it; the others are from runs before
    case_s           {median, largest} seconds of a case, reading and waiting included
    server_s         {decode, preprocess, queue, inference, total} median seconds, there
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from imaging.crop import NodeStatus
from imaging.decision import Call
from imaging.manifest import Manifest
from service.batch.cases import Cohort
from service.batch.record import Record
from service.findings import ModelRef
from service.table import RESEARCH_USE


@dataclass(frozen=True, slots=True)
class Course:
    """
    How a run went.

    Attributes:
        wall_s: Its seconds.
        scored_now: Cases that were scored in it.
        sent_again: Cases that were sent more than once.
    """

    wall_s: float
    scored_now: int
    sent_again: tuple[str, ...]


def summary_of(
    cohort: Cohort, records: Mapping[str, Record], ref: ModelRef, manifest: Manifest, course: Course
) -> dict[str, Any]:
    """The content of ``summary.json`` as plain values."""
    done = [records[case.name] for case in cohort.cases if case.name in records]
    scored = [record for record in done if record.scored]
    failures = Counter(record.reason for record in done if not record.scored)
    return {
        "research_use": RESEARCH_USE,
        "synthetic_model": manifest.training_data.synthetic,
        "synthetic_data": cohort.synthetic,
        "model": {"name": ref.name, "version": ref.version, "digest": ref.digest},
        "cases": {
            "all": len(cohort.cases),
            "scored": len(scored),
            "failed": failures.total(),
            "not_tried": len(cohort.cases) - len(done),
        },
        "nodes": _nodes(scored),
        "failures": dict(failures.most_common()),
        "sent_again": sorted(course.sent_again),
        "wall_s": round(course.wall_s, 3),
        "scored_now": course.scored_now,
        "case_s": _seconds([record.seconds for record in scored]),
        "server_s": _server_seconds(scored),
    }


def summary_text(summary: Mapping[str, Any], labelled: Mapping[str, Any] | None) -> str:
    """The same in words, with what labels tell."""
    cases, nodes, model = (summary[name] for name in ("cases", "nodes", "model"))
    lines = [RESEARCH_USE, *_warnings(summary)]
    lines.append(f"Model {model['name']}, version {model['version']} (SHA-256 {model['digest'][:12]}...)")
    lines.append(
        f"{cases['all']} cases: {cases['scored']} scored, {cases['failed']} failed, {cases['not_tried']} not tried"
    )
    lines += [f"  {count} x {reason}" for reason, count in summary["failures"].items()]
    lines.append(
        f"{nodes['all']} nodes: {nodes['scored']} scored ({nodes['called_metastatic']} called metastatic), "
        f"{nodes['at_edge']} at the edge of the CT, {nodes['too_small']} too small"
    )
    if summary["scored_now"]:
        rate = summary["scored_now"] / summary["wall_s"] if summary["wall_s"] else 0.0
        lines.append(f"{summary['scored_now']} cases in {summary['wall_s']:.1f} s, {rate:.2f} a second")
    if again := summary["sent_again"]:
        lines.append(f"{len(again)} were under way when a run was killed, and were sent again")
    return "\n".join([*lines, *(_labelled_lines(labelled, summary) if labelled else [])]) + "\n"


def _warnings(summary: Mapping[str, Any]) -> list[str]:
    warnings = []
    if summary["synthetic_model"]:
        warnings.append("WARNING: SYNTHETIC: the model learnt from phantoms: its numbers say nothing about patients")
    if summary["synthetic_data"]:
        warnings.append("WARNING: SYNTHETIC: the CTs are phantoms: these numbers say nothing about patients")
    return warnings


def _labelled_lines(labelled: Mapping[str, Any], summary: Mapping[str, Any]) -> list[str]:
    whose = "cases, each taken for a patient" if labelled["patients_are_cases"] else "patients"
    counts = f"{labelled['nodes']} labelled nodes ({labelled['metastatic_nodes']} metastatic) of "
    counts += f"{labelled['patients']} {whose}"
    if "problem" in labelled:
        return [f"{counts}: {labelled['problem']}"]
    mark = " (SYNTHETIC)" if summary["synthetic_model"] or summary["synthetic_data"] else ""
    calibration = labelled["calibration"]
    return [
        counts,
        f"AUC{mark} {_interval(labelled['auc'])}; Brier score {_interval(calibration['brier'])}, "
        f"{calibration['brier_of_share']:.3f} of the share alone",
        f"at {labelled['operating_point']:.3f}{mark}: sensitivity {_interval(labelled['sensitivity'])}, "
        f"specificity {_interval(labelled['specificity'])}",
    ]


def _interval(estimate: Mapping[str, float]) -> str:
    return f"{estimate['value']:.3f} ({estimate['lower']:.3f} to {estimate['upper']:.3f})"


def _nodes(scored: Sequence[Record]) -> dict[str, int]:
    nodes = [node for record in scored for node in record.nodes]
    statuses = Counter(node["status"] for node in nodes)
    return {
        "all": len(nodes),
        **{status.value.replace(" ", "_"): statuses[status.value] for status in NodeStatus},
        "called_metastatic": sum(node["call"] == Call.METASTATIC.value for node in nodes),
    }


def _seconds(values: Sequence[float]) -> dict[str, float] | None:
    return {"median": float(np.median(values)), "largest": max(values)} if values else None


def _server_seconds(scored: Sequence[Record]) -> dict[str, float] | None:
    timings = [record.findings["timings_s"] for record in scored if record.findings]
    return {name: float(np.median([each[name] for each in timings])) for name in timings[0]} if timings else None
