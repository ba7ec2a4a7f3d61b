"""Logs."""

import json
import logging

from service.logs import JsonFormatter


def test_a_record_is_one_json_line():
    """Time, level, event and the fields that were given."""
    record = logging.makeLogRecord({"msg": "call", "levelname": "INFO", "created": 0.25, "msecs": 250.0, "nodes": 3})

    expected = {"time": "1970-01-01T00:00:00.250Z", "level": "info", "event": "call", "nodes": 3}
    assert expected == json.loads(JsonFormatter().format(record))


def test_exceptions_do_not_quote_what_was_sent():
    """Of an exception the type and the places in the code are told, not its message."""
    try:
        raise ValueError("Canary^Carla")
    except ValueError as error:
        record = logging.makeLogRecord({"msg": "bug", "exc_info": (type(error), error, error.__traceback__)})
    line = JsonFormatter().format(record)

    assert "Canary" not in line
    assert "ValueError" == json.loads(line)["exception"]
    assert "test_exceptions_do_not_quote_what_was_sent" in line
