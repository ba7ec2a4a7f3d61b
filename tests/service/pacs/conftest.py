"""Fixtures of the bridge's tests."""

import pytest

from service.pacs.bridge import Bridge
from service.pacs.journal import Journal
from service.pacs.metrics import BridgeMetrics
from tests.service.pacs.fakes import FakeArchive, FakeClock, FakeScorer, results, small_study
from tests.service.pacs.orthancs import RunningOrthanc, need_orthanc
from tests.service.pacs.paces import PACE
from tests.service.pacs.test_rules import RULE


@pytest.fixture
def orthanc(tmp_path):
    """A real Orthanc of its own, empty."""
    need_orthanc()
    folder = tmp_path / "orthanc"
    folder.mkdir()
    running = RunningOrthanc(folder)
    running.start()
    yield running
    running.close()


@pytest.fixture(scope="module")
def shared_orthanc(tmp_path_factory):
    """A real Orthanc for all tests of a module."""
    need_orthanc()
    running = RunningOrthanc(tmp_path_factory.mktemp("orthanc"))
    running.start()
    yield running
    running.close()


@pytest.fixture
def archive():
    """An archive with one study."""
    made = FakeArchive()
    slices, marking = small_study()
    made.add("study", slices, [marking])
    return made


@pytest.fixture
def scorer():
    """A scorer that makes two results."""
    return FakeScorer(results())


@pytest.fixture
def journal(tmp_path):
    """An empty journal."""
    opened = Journal(tmp_path / "journal")
    yield opened
    opened.close()


@pytest.fixture
def metrics():
    """Of the bridge."""
    return BridgeMetrics()


@pytest.fixture
def clock():
    """Stands still."""
    return FakeClock()


@pytest.fixture
def bridge(archive, scorer, journal, metrics, clock):
    """Between the two."""
    return Bridge("orthanc", archive, scorer, journal, RULE, metrics, PACE, clock)
