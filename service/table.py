"""Findings as a table for a terminal."""

from collections.abc import Iterable, Mapping, Sequence

from imaging.crop import NodeStatus
from service.findings import Classification, NodeFinding, Notice

RESEARCH_USE = "Research use only. Not a diagnosis."
"""Stands in every output."""

NO_NAMES: Mapping[int, Sequence[str]] = {}
HEADINGS = ("node", "place (LPS, mm)", "size (mm)", "volume (mm3)", "probability", "call", "heat lift")

REASONS = {
    NodeStatus.AT_EDGE: "not scored: at the edge of the CT",
    NodeStatus.TOO_SMALL: "not scored: too small",
}


def table_of(classification: Classification, names: Mapping[int, Sequence[str]] = NO_NAMES) -> str:
    """
    Findings in words and numbers, with all notices.

    Sizes are short axis x long axis. The heat lift is the node's share of the heat over its share of the crop's
    area: 1 is chance. Where nodes have names, these come last.

    Args:
        classification: The findings.
        names: What nodes are called by whoever marked them, by label.
    """
    model = classification.model
    lines = [
        RESEARCH_USE,
        *(f"WARNING: {_printable(notice.message)}" for notice in classification.notices),
        f"Model {model.name}, version {model.version} (SHA-256 {model.digest[:12]}...)",
    ]
    if classification.nodes:
        rows = [HEADINGS, *map(_row, classification.nodes)]
        if names:
            rows = [(*row, name) for row, name in zip(rows, _named(classification.nodes, names), strict=True)]
        lines += ["", *_aligned(rows)]
    lines += _remarks(classification.nodes)
    return "\n".join(lines) + "\n"


def _row(node: NodeFinding) -> tuple[str, ...]:
    sizes = node.measurements
    return (
        str(node.label),
        " ".join(f"{value:.1f}" for value in node.centroid_mm),
        f"{sizes.short_axis_mm:.1f} x {sizes.long_axis_mm:.1f}",
        f"{sizes.volume_mm3:.0f}",
        *_verdict(node),
    )


def _named(nodes: Iterable[NodeFinding], names: Mapping[int, Sequence[str]]) -> Iterable[str]:
    """The column of names."""
    yield "marked as"
    for node in nodes:
        yield _printable(", ".join(names.get(node.label, ())))


def _printable(text: str) -> str:
    """Without what would move the cursor, or hide what follows: names come from files."""
    return "".join(filter(str.isprintable, text))


def _verdict(node: NodeFinding) -> tuple[str, str, str]:
    if node.score is None:
        return "-", REASONS.get(node.status, "not scored"), "-"
    lift = node.score.heat_share.lift
    return f"{node.score.probability:.3f}", node.score.call.value, f"{lift:.2f}"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterable[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _remarks(nodes: Iterable[NodeFinding]) -> list[str]:
    remarks = [_remark(node, notice) for node in nodes for notice in node.notices]
    return ["", *remarks] if remarks else []


def _remark(node: NodeFinding, notice: Notice) -> str:
    return f"Node {node.label}: {notice.message}"
