"""
What becomes of a call, for a trace.

It is told only where the environment names a collector (``OTEL_EXPORTER_OTLP_ENDPOINT``) and the extra ``tracing`` is
installed; otherwise nothing of OpenTelemetry is imported.
"""

import logging
import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

import grpc

from service.findings import Timings

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a call; times are of `time.perf_counter`."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Call:
    """
    A call that has ended; times are of `time.perf_counter`.

    Attributes:
        service: Such as ``nodelens.v1.NodeClassifierService``.
        method: Such as ``Classify``.
        code: How it ended.
        request_id: As in the log.
        parent: The caller's ``traceparent`` (W3C); may be empty.
        start_s: When it began.
        end_s: When it ended.
        stages: Its parts, as far as they are known.
    """

    service: str
    method: str
    code: grpc.StatusCode
    request_id: str
    parent: str
    start_s: float
    end_s: float
    stages: tuple[Stage, ...]


class Tracer(Protocol):
    """Sends what it is told to a collector."""

    def tell(self, call: Call) -> None:
        """Take note of a call that has ended."""

    def end(self) -> None:
        """Send what has not been sent."""


STAGES: ContextVar[list[Stage] | None] = ContextVar("stages", default=None)
"""The stages of the call at hand; None where nobody asks for them."""


def tell_stages(start_s: float, timings: Timings) -> None:
    """
    Tell the stages of an answer that has just been encoded.

    Args:
        start_s: When its decoding began.
        timings: How long each stage took, one after the other.
    """
    stages = STAGES.get()
    if stages is None:
        return
    begun = start_s
    for name, seconds in (
        ("decode", timings.decode_s),
        ("preprocess", timings.preprocess_s),
        ("queue", timings.queue_s),
        ("inference", timings.inference_s),
    ):
        stages.append(Stage(name, begun, begun + seconds))
        begun += seconds
    stages.append(Stage("encode", start_s + timings.total_s, time.perf_counter()))


def tracer_for(environ: Mapping[str, str]) -> Tracer | None:
    """Whom to tell; None where no collector is named, or the extra is missing, which is logged."""
    if not any(environ.get(name) for name in ENDPOINTS):
        return None
    try:
        from service.spans import Spans
    except ModuleNotFoundError:
        log.warning("no traces: a collector is named, but the extra 'tracing' is not installed")
        return None
    return Spans()
