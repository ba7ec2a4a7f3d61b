"""The command nodelens-serve."""

import socket
import subprocess
import sys
import threading
import warnings

import pytest

from service.serve import main
from tests.service.servers import COMMAND


@pytest.fixture
def own_hooks(monkeypatch):
    """Whatever the server makes of Python's hooks ends with the test."""
    for owner, name in (
        (sys, "excepthook"),
        (sys, "unraisablehook"),
        (threading, "excepthook"),
        (warnings, "showwarning"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))


@pytest.mark.usefixtures("own_hooks")
def test_what_cannot_start_says_why(tmp_path, capsys):
    """A missing folder is one line and exit code 2."""
    assert 2 == main(["--models", str(tmp_path / "none")])
    assert capsys.readouterr().err.startswith("nodelens-serve: --models")


@pytest.mark.parametrize(
    ("option", "message"), [("--listen", "cannot listen"), ("--metrics-port", "cannot serve metrics")]
)
def test_a_port_that_is_taken_is_told(models, option, message):
    """One line tells which address is in use; there is no traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        value = f"127.0.0.1:{port}" if option == "--listen" else str(port)
        words = [*COMMAND, "--models", str(models), "--listen", "127.0.0.1:0", "--metrics-port", "0", option, value]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    assert 2 == done.returncode
    assert message in done.stderr
    assert "Traceback" not in done.stderr
