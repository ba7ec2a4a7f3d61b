"""What others say of an object that we wrote."""

import shutil
import subprocess
from pathlib import Path

import pytest
from pydicom.dataset import FileDataset

from service.dicom.objects import file_of


def errors_of(dataset: FileDataset, folder: Path) -> list[str]:
    """The errors that dciodvfy finds; the test is skipped where it is missing."""
    said = _said(["dciodvfy"], dataset, folder, "dicom3tools")
    return [line for line in said.splitlines() if line.startswith("Error")]


def printed(report: FileDataset, folder: Path) -> str:
    """A structured report as dsrdump prints it; the test is skipped where that is missing."""
    return _said(["dsrdump", "+Pl"], report, folder, "dcmtk")


def _said(command: list[str], dataset: FileDataset, folder: Path, package: str) -> str:
    if not shutil.which(command[0]):
        pytest.skip(f"needs {command[0]} of {package}: make test-deps")
    path = folder / f"{dataset.SOPInstanceUID}.dcm"
    path.write_bytes(file_of(dataset))
    done = subprocess.run([*command, str(path)], capture_output=True, text=True, errors="replace")
    return done.stdout + done.stderr
