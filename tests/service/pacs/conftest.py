"""Fixtures of the bridge's tests."""

import pytest

from tests.service.pacs.orthancs import RunningOrthanc, need_orthanc


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
