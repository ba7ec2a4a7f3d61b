"""Logs."""

import json
import logging
import subprocess
import sys

import pytest

from service.logs import REQUEST_ID, JsonFormatter

OURS = "service.observer"


def test_a_record_is_one_json_line():
    """Time, level, event and the fields that were given."""
    record = logging.makeLogRecord(
        {"name": OURS, "msg": "call", "levelname": "INFO", "created": 0.25, "msecs": 250.0, "nodes": 3}
    )

    expected = {"time": "1970-01-01T00:00:00.250Z", "level": "info", "event": "call", "nodes": 3}
    assert expected == json.loads(JsonFormatter().format(record))


def test_exceptions_do_not_quote_what_was_sent():
    """Of an exception the type and the places in the code are told, not its message."""
    try:
        raise ValueError("Canary^Carla")
    except ValueError as error:
        record = logging.makeLogRecord(
            {"name": OURS, "msg": "bug", "exc_info": (type(error), error, error.__traceback__)}
        )
    line = JsonFormatter().format(record)

    assert "Canary" not in line
    assert "ValueError" == json.loads(line)["exception"]
    assert "test_exceptions_do_not_quote_what_was_sent" in line


def test_what_libraries_say_is_not_repeated():
    """Their words may quote what was sent; who spoke, and where, is told."""
    record = logging.LogRecord(
        "pydicom", logging.WARNING, "/a/valuerep.py", 7, "Invalid: %s", ("Canary",), None, "check"
    )
    told = json.loads(JsonFormatter().format(record))

    assert ("pydicom", "valuerep.check:7") == (told["library"], told["place"])
    assert "Canary" not in str(told)


def test_lines_of_a_call_have_its_id():
    """Whoever logs in the course of a call need not know of it."""
    token = REQUEST_ID.set("study-7")
    try:
        line = JsonFormatter().format(logging.makeLogRecord({"name": OURS, "msg": "bug"}))
    finally:
        REQUEST_ID.reset(token)

    assert "study-7" == json.loads(line)["request_id"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import warnings; warnings.warn('Canary')", {"event": "warning", "category": "UserWarning"}),
        ("raise ValueError('Canary')", {"event": "bug", "exception": "ValueError"}),
        (
            "import threading; t = threading.Thread(target=lambda: int('Canary')); t.start(); t.join()",
            {"event": "an exception that nobody catches", "exception": "ValueError"},
        ),
    ],
)
def test_warnings_and_lost_exceptions_are_json_too(code, expected):
    """Python's own words on stderr would be no JSON, and quote what was sent."""
    words = [sys.executable, "-c", f"from service.logs import log_as_json; log_as_json(); {code}"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    [line] = done.stderr.splitlines()

    assert expected == {key: json.loads(line)[key] for key in expected}
    assert "Canary" not in line
