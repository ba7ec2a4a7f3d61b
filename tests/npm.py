"""Packages of npm, for tests."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT


def installed(package: Path, folder: Path) -> Path:
    """A copy of a package in a folder, with what it needs; the test is skipped where that cannot be had."""
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"this machine has no {' and no '.join(missing)}: make test-deps")
    for path in package.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if "code" in line), "npm ci failed")
        pytest.skip(f"the packages of {package.relative_to(ROOT)} cannot be installed: {said}")
    return folder
