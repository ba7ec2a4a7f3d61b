"""A bridge between a real Orthanc and a real server."""

import time
import urllib.request

import pytest

from tests.service.pacs.bridges import running_bridge
from tests.service.pacs.phantoms import study_files

RESULTS = ["OT", "OT", "SEG", "SR"]


def until(condition, seconds=60.0):
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.fixture
def words(orthanc, server):
    """A command line."""
    return [
        "watch",
        "--orthanc",
        orthanc.url,
        "--server",
        server.address,
        "--model",
        "cnn",
        "--whole-archive",
        "--poll-seconds",
        "0.2",
    ]


def test_results_come_back_into_the_study(orthanc, server, words, tmp_path):
    files = study_files(1)
    study = orthanc.upload(*files)
    with running_bridge(tmp_path, *words) as bridge:
        until(lambda: "SR" in orthanc.modalities(study))
        time.sleep(3)
        print(orthanc.modalities(study))
        print(bridge.log.read_text())
        print(urllib.request.urlopen(bridge.metrics_url).read().decode())
    assert 0
