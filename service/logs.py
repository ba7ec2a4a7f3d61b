"""One line of JSON for each event, with nothing in it that comes from a patient."""

import json
import logging
import sys
import time

RESERVED = set(vars(logging.LogRecord("", 0, "", 0, "", None, None))) | {"message", "asctime", "taskName"}
"""What every record has; the rest was given as ``extra``."""


class JsonFormatter(logging.Formatter):
    """
    Writes a record as one JSON object: time, level, event, and the fields given as ``extra``.

    Of an exception it tells the type and the places in the code, never the message: that may quote what was sent.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        fields = {"time": f"{stamp}.{int(record.msecs):03d}Z", "level": record.levelname.lower()}
        fields["event"] = record.getMessage()
        fields |= {name: value for name, value in vars(record).items() if name not in RESERVED}
        if record.exc_info and record.exc_info[0]:
            fields |= {"exception": record.exc_info[0].__name__, "at": _places(record)}
        return json.dumps(fields, default=str)


def _places(record: logging.LogRecord) -> str:
    frames = []
    trace = record.exc_info[2] if record.exc_info else None
    while trace:
        code = trace.tb_frame.f_code
        frames.append(f"{trace.tb_frame.f_globals.get('__name__')}.{code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " > ".join(frames)


def log_as_json() -> None:
    """Send all logs to stderr as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
