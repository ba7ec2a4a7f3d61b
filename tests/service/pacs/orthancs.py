"""A real Orthanc on the loopback address."""

import json
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from service.pacs.orthanc import Orthanc, OrthancAddress

PROGRAM = shutil.which("Orthanc", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
USER = ("bridge", "s3cret-Canary")


def free_port() -> int:
    """A TCP port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RunningOrthanc:
    """
    A process that can be killed and started again on the same storage.

    Args:
        folder: For its storage, configuration and log.
        changes: Of its configuration.
    """

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        storage = str(folder / "storage")
        configuration = {
            "StorageDirectory": storage,
            "IndexDirectory": storage,
            "HttpPort": int(self.url.rpartition(":")[2]),
            "DicomServerEnabled": False,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": True,
            "RegisteredUsers": {USER[0]: USER[1]},
            "StableAge": 1,
        }
        self._configuration = folder / "orthanc.json"
        self._configuration.write_text(json.dumps(configuration | changes))
        self._log = folder / "orthanc.log"
        self._session = requests.Session()
        self._session.auth = USER
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([PROGRAM, self._configuration], stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                self._session.get(f"{self.url}/system").raise_for_status()
                return
            except requests.ConnectionError:
                time.sleep(0.05)
        raise AssertionError(self._log.read_text())

    def end(self, number: int = signal.SIGTERM) -> None:
        """End it by a signal."""
        self._process.send_signal(number)
        self._process.wait(30)

    def close(self) -> None:
        """End it, and the connection to it."""
        self.end(signal.SIGKILL)
        self._session.close()

    def archive(self, whole_archive: bool = True) -> Orthanc:
        """A bridge's connection to it."""
        return Orthanc(OrthancAddress(self.url, *USER), whole_archive)

    def upload(self, *files: bytes) -> str:
        """Store instances; the id of the study of the last one."""
        for content in files:
            answer = self._session.post(f"{self.url}/instances", data=content)
            answer.raise_for_status()
        return str(answer.json()["ParentStudy"])

    def get(self, path: str) -> Any:
        """What it tells."""
        answer = self._session.get(self.url + path)
        answer.raise_for_status()
        return answer.json()

    def delete(self, path: str) -> None:
        """Delete something."""
        self._session.delete(self.url + path).raise_for_status()

    def file(self, instance: str) -> bytes:
        """An instance, as DICOM file."""
        answer = self._session.get(f"{self.url}/instances/{instance}/file")
        answer.raise_for_status()
        return answer.content

    def modalities(self, study: str) -> list[str]:
        """Of all instances of a study, sorted."""
        listed = self.get(f"/studies/{study}/series")
        return sorted(s["MainDicomTags"]["Modality"] for s in listed for _ in s["Instances"])

    def wait_until_stable(self, study: str) -> None:
        """Wait until nothing has come to a study for its while."""
        while not self.get(f"/studies/{study}")["IsStable"]:
            time.sleep(0.1)


def need_orthanc() -> None:
    """Skip the test where there is no Orthanc."""
    if PROGRAM is None:
        pytest.skip("needs Orthanc: make test-deps")
