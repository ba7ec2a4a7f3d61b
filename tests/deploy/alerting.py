"""The rules of Prometheus, as they are deployed."""

from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "deploy" / "prometheus"
SCENES = sorted((FOLDER / "tests").glob("*.yml"))


def alerts() -> list[dict[str, Any]]:
    """All alerts; those that look at several windows come several times."""
    groups = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def names() -> set[str]:
    """The names of the alerts."""
    return {alert["alert"] for alert in alerts()}


def expressions() -> list[str]:
    """What the rules ask, and what they record."""
    files = (yaml.safe_load((FOLDER / name).read_text()) for name in ("recording.yml", "alerts.yml"))
    return [rule["expr"] for file in files for group in file["groups"] for rule in group["rules"]]


def recorded() -> set[str]:
    """The names of what is recorded."""
    groups = yaml.safe_load((FOLDER / "recording.yml").read_text())["groups"]
    return {rule["record"] for group in groups for rule in group["rules"]}
