"""The archive of the compose file, as a real Orthanc."""

import json
import subprocess
import time

import pytest
import requests

from tests.deploy.compose.compose import COMPOSE
from tests.service.pacs.orthancs import PROGRAM, free_port, need_orthanc

OTHER = {"SslEnabled": False, "Plugins": []}
"""Debian's Orthanc 1.10.1 crashes at its first call of HTTPS, and has other folders for plugins than the image."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Its address, and who may ask it."""
    need_orthanc()
    folder = tmp_path_factory.mktemp("archive")
    subprocess.run([COMPOSE / "secrets.sh", folder / "secrets"], check=True, capture_output=True)
    chosen = json.loads((COMPOSE / "orthanc" / "orthanc.json").read_text())
    places = dict.fromkeys(("StorageDirectory", "IndexDirectory"), str(folder / "storage"))
    ports = {"HttpPort": free_port(), "DicomPort": free_port()}
    (folder / "configuration").mkdir()
    (folder / "configuration" / "orthanc.json").write_text(json.dumps(chosen | places | ports | OTHER))
    users = (folder / "secrets" / "orthanc.json").read_bytes()
    (folder / "configuration" / "users.json").write_bytes(users)
    command = [PROGRAM, folder / "configuration"]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        yield f"http://127.0.0.1:{ports['HttpPort']}", (folder / "secrets" / "orthanc.credentials").read_text().strip()
        process.terminate()


def asked(url, user=None):
    """The answer of the archive, once it is there."""
    for _ in range(300):
        try:
            return requests.get(f"{url}/system", timeout=10, auth=user)
        except requests.exceptions.ConnectionError:
            time.sleep(0.1)
    raise TimeoutError("Orthanc did not start")


def test_it_answers_whom_it_knows(archive):
    """It takes its configuration as a folder of two files, and tells its user who it is."""
    url, credentials = archive
    told = asked(url, tuple(credentials.split(":"))).json()

    assert ("NodeLens", "ORTHANC", True) == (told["Name"], told["DicomAet"], told["IsHttpServerSecure"])


@pytest.mark.parametrize("user", [None, ("nodelens", "wrong"), ("orthanc", "orthanc")])
def test_it_answers_nobody_else(archive, user):
    """Neither without a password nor with a wrong one, nor with the one that Orthanc has by default."""
    assert 401 == asked(archive[0], user).status_code
