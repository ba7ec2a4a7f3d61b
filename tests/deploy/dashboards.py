"""The dashboards of Grafana, and what they and the rules ask for."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

FOLDER = Path(__file__).parents[2] / "deploy" / "grafana"
DASHBOARDS = sorted((FOLDER / "dashboards").glob("*.json"))
BUILT_IN = {"__rate_interval": "1m", "__interval": "15s", "__range": "1h"}
"""Variables that Grafana itself fills in."""

NOT_NAMES = re.compile(r'"[^"]*"|\{[^}]*\}|\[[^]]*\]|\b(?:by|without|on|ignoring)\s*\([^)]*\)')
"""Texts, labels, windows, and lists of labels."""

NAME = re.compile(r"\b[a-zA-Z_][\w:]*\b(?!\s*\()")
WORDS = {"and", "or", "unless", "bool", "offset", "group_left", "group_right", "inf", "nan"}


def dashboard(path: Path) -> dict[str, Any]:
    """What a file holds."""
    told: dict[str, Any] = json.loads(path.read_text())
    return told


def expressions(board: dict[str, Any]) -> Iterator[str]:
    """All that a dashboard asks for: its panels, its annotations and its variables, as Grafana asks Prometheus."""
    found = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    found += [each["expr"] for each in board["annotations"]["list"]]
    variables = board["templating"]["list"]
    chosen = BUILT_IN | {each["name"]: each["allValue"] for each in variables if "allValue" in each}
    for expression in found:
        yield re.sub(r"\$(\w+)", lambda variable: chosen[variable[1]], expression)
    for each in variables:
        if each["type"] == "query":
            metric, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", each["definition"]).groups()
            yield f"count by ({label}) ({metric})"


def metrics_in(expression: str) -> set[str]:
    """
    The metrics that an expression names.

    >>> sorted(metrics_in('sum by (le) (rate(a_bucket{b="c"}[5m])) / on (x) (d > 0.1) or vector(0)'))
    ['a_bucket', 'd']
    """
    return set(NAME.findall(NOT_NAMES.sub(" ", expression))) - WORDS


def metrics_of(url: str) -> set[str]:
    """The names of all samples that a page can have."""
    with urlopen(url) as page:
        kinds = re.findall(r"^# TYPE (\S+) (\S+)$", page.read().decode(), re.MULTILINE)
    parts = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}
    return {name + part for name, kind in kinds for part in parts.get(kind, ("",))}
