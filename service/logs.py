"""One line of JSON for each event, with nothing in it that comes from a patient."""

import json
import logging
import sys
import threading
import time
import warnings
from contextvars import ContextVar
from pathlib import Path
from types import TracebackType
from typing import Any

RESERVED = set(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName"}
"""What every record has; the rest was given as ``extra``."""

OURS = ("service.", "imaging.")
"""Loggers whose words are known to quote nothing; what libraries say may repeat what was sent."""

CHATTY = ("highdicom",)
"""Libraries that have something to say about every attribute that they copy."""

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The request id of the call at hand, as soon as it is known."""

CALLER: ContextVar[str] = ContextVar("caller", default="")
"""The name of the token that the call at hand came with."""

CONTEXT = (REQUEST_ID, CALLER)
"""What stands in every line that is written for a call."""

log = logging.getLogger(__name__)


class JsonFormatter(logging.Formatter):
    """
    Writes a record as one JSON object: time, level, event, the call at hand, and the fields given as ``extra``.

    Of an exception it tells the type and the places in the code, never the message: that may quote what was sent. Of
    what a library logs it tells who and where, for the same reason.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        fields: dict[str, Any] = {"time": f"{stamp}.{int(record.msecs):03d}Z", "level": record.levelname.lower()}
        if record.name.startswith(OURS):
            fields["event"] = record.getMessage()
        else:
            place = f"{record.module}.{record.funcName}:{record.lineno}"
            fields |= {"event": "a library has something to say", "library": record.name, "place": place}
        fields |= {each.name: each.get() for each in CONTEXT if each.get()}
        fields |= {name: value for name, value in vars(record).items() if name not in RESERVED}
        if record.exc_info and record.exc_info[0]:
            fields |= {"exception": record.exc_info[0].__name__, "at": _places(record.exc_info[2])}
        return json.dumps(fields, default=str)


def _places(trace: TracebackType | None) -> str:
    frames = []
    while trace:
        code = trace.tb_frame.f_code
        frames.append(f"{trace.tb_frame.f_globals.get('__name__')}.{code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(frames)


def log_as_json() -> None:
    """Send all logs, warnings, and exceptions that nobody catches, to stderr as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.showwarning = _log_warning
    sys.excepthook = lambda kind, error, trace: log.critical("bug", exc_info=(kind, error, trace))
    threading.excepthook = lambda args: _log_lost(args.exc_value)
    sys.unraisablehook = lambda args: _log_lost(args.exc_value)


def _log_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, file: Any = None, line: Any = None
) -> None:
    log.warning("warning", extra={"category": category.__name__, "place": f"{Path(filename).stem}:{lineno}"})


def _log_lost(error: BaseException | None) -> None:
    log.error("an exception that nobody catches", exc_info=error)
