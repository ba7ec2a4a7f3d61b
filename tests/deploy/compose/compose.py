"""The compose file, as Docker would read it."""

import re
import shlex
from typing import Any

import yaml

from tests.conftest import ROOT

COMPOSE = ROOT / "deploy" / "compose"
OURS = ("service-cpu", "service-gpu")

Service = dict[str, Any]


def composed(**environment: str) -> dict[str, Any]:
    """The file with its variables replaced, as `${NAME:-default}` and `${NAME-default}` say."""
    text = (COMPOSE / "compose.yaml").read_text()
    text = re.sub(r"\$\{(\w+):?-([^}]*)\}", lambda match: environment.get(match[1]) or match[2], text)
    made: dict[str, Any] = yaml.safe_load(text)
    return made


def services() -> dict[str, Service]:
    """The services, by name."""
    made: dict[str, Service] = composed()["services"]
    return made


def words(service: Service) -> list[str]:
    """The command of a service; Docker splits a text as a shell does."""
    return shlex.split(service["command"])


def secrets(service: Service) -> dict[str, str]:
    """Where a service finds its secrets, by name."""
    given = [one if isinstance(one, dict) else {"source": one} for one in service.get("secrets", [])]
    return {one["source"]: one.get("target", f"/run/secrets/{one['source']}") for one in given}


def mounts(service: Service) -> dict[str, tuple[str, bool]]:
    """What is mounted where, and whether it is read-only."""
    parts = [volume.split(":") for volume in service.get("volumes", [])]
    return {place: (source, rest == ["ro"]) for source, place, *rest in parts}
