"""What a streamed CT costs the server."""

from pathlib import Path

import numpy as np
import psutil
import pytest

from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.volume import Volume
from service.client import NodeClassifier
from tests.imaging.scenes import ellipsoids
from tests.service.servers import running_server

PEAK = 1.5
"""Largest growth of the server, as a share of the CT's bytes."""

SLICES = 300


def ct():
    """A CT of 150 MiB in int16, and seven nodes from one end to the other."""
    grid = Geometry((SLICES, 512, 512), (1.0, 0.78, 0.78), (-200.0, -200.0, 0.0))
    hu = np.random.default_rng(0).integers(-100, 200, grid.shape, dtype=np.int16)
    places_mm = [(-120.0 + 40 * n, 120.0 - 40 * n, SLICES * (n + 1) / 8) for n in range(7)]
    labels = np.zeros(grid.shape, dtype=np.uint8)
    for place_mm in places_mm:
        region = grid.region_of(Geometry((9, 13, 13), grid.spacing_mm, tuple(np.subtract(place_mm, 4.0))).box, margin=2)
        part = grid.cropped(region)
        labels[region] |= ellipsoids(part, (place_mm, (5.0, 4.0, 4.5))).labels
    return Volume(hu, grid), NodeMask(labels, grid)


def peak_bytes(process):
    """The most memory that a process ever had."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("the kernel tells no VmHWM")


def growth(server, volume, mask, count):
    """Peak growth of a fresh server over ``count`` such requests, as a share of the CT's bytes."""
    process = psutil.Process(server.process.pid)
    idle_bytes = process.memory_info().rss
    with NodeClassifier(server.address) as classifier:
        for _ in range(count):
            assert len(classifier.classify(volume, mask, whole_volume=True).nodes) == 7
    return (peak_bytes(process) - idle_bytes) / volume.hu.nbytes


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="this system tells no peak memory")
def test_a_streamed_ct_takes_half_as_much_again_at_most(models, tmp_path):
    """
    CT, mask, buffers and all that is made of them: over idle, the server never has 1.5 times the CT's bytes.

    Where other programs hold up its threads more is there at once; the smaller growth of two servers counts.
    """
    images, growths = ct(), []
    while len(growths) < 2 and min(growths, default=PEAK + 1) > PEAK:
        with running_server(models, tmp_path / f"log-{len(growths)}.jsonl") as server:
            growths.append(growth(server, *images, count=2))

    assert min(growths) <= PEAK
