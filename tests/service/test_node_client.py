"""The example for Node.js, against a real server."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from imaging.volume import Volume
from service.client import NodeClassifier
from tests import npm
from tests.conftest import ROOT
from tests.service.scans import GRID, scan

EXAMPLE = ROOT / "deploy" / "node"


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """The example with its packages; the test is skipped where they cannot be had."""
    return npm.installed(EXAMPLE, tmp_path_factory.mktemp("node"))


@pytest.fixture(scope="module")
def case(tmp_path_factory) -> tuple[Path, Volume]:
    """A folder with the raw files of a CT, and the CT."""
    folder = tmp_path_factory.mktemp("case")
    volume, mask = scan()
    hu = np.rint(volume.hu).astype(np.int16)
    place = {"size": GRID.shape[::-1], "spacing_mm": GRID.spacing_mm[::-1], "origin_mm": GRID.origin_mm}
    (folder / "ct.json").write_text(json.dumps(place))
    (folder / "ct.raw").write_bytes(hu.astype("<i2").tobytes())
    (folder / "mask.raw").write_bytes(mask.labels.astype("u1").tobytes())
    return folder, Volume(hu, GRID)


def scored(installed, folder, address, model):
    """What the example says."""
    words = [address, *(str(folder / name) for name in ("ct.json", "ct.raw", "mask.raw")), model]
    environment = {**os.environ, "NODELENS_PROTOS": str(ROOT / "protos")}
    return subprocess.run(
        ["node", str(installed / "score.mjs"), *words],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_finds_what_the_python_client_finds(installed, case, server):
    """The models are listed, and every node has the status and the very probability that Python tells."""
    folder, volume = case
    with NodeClassifier(server.address) as classifier:
        expected = classifier.classify(volume, scan()[1], "cnn-gap", whole_volume=True)
    done = scored(installed, folder, server.address, "cnn-gap")

    title, *rows = (line.split("\t") for line in done.stdout.splitlines())
    assert ["node", "status", "probability", "call", "short axis mm"] == title
    assert [node.label for node in expected.nodes] == [int(row[0]) for row in rows]
    assert ["SCORED", "AT_EDGE", "SCORED"] == [row[1] for row in rows]
    assert [n.score.probability for n in expected.nodes if n.score] == [float(row[2]) for row in rows if row[2] != "-"]
    assert "broken 1 (not ready:" in done.stderr


def test_a_refusal_is_told(installed, case, server):
    """The server's words are repeated, and the exit code is 1."""
    done = scored(installed, case[0], server.address, "vgg")

    assert 1 == done.returncode
    assert "NOT_FOUND" in done.stderr
    assert "served are: cnn 1, cnn-gap 1" in done.stderr


def test_its_packages_are_pinned():
    """Every version is exact, and every package has its digest, and no address of a registry."""
    asked = json.loads((EXAMPLE / "package.json").read_text())["dependencies"]
    locked = json.loads((EXAMPLE / "package-lock.json").read_text())["packages"]

    assert all(version[0].isdigit() for version in asked.values())
    assert asked == {name: locked[f"node_modules/{name}"]["version"] for name in asked}
    assert all("integrity" in package and "resolved" not in package for name, package in locked.items() if name)
