"""Calls as OpenTelemetry spans, sent by OTLP; the only module that imports OpenTelemetry."""

import time
from threading import Thread

import grpc
from grpc_health.v1 import health
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from service.tracing import Call

FAILURES = frozenset(
    {
        grpc.StatusCode.DATA_LOSS,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.UNKNOWN,
    }
)
"""What OpenTelemetry calls an error of a server; all other codes are the caller's."""

END_S = 3.0
"""How long the end waits for the collector: one that is gone would hold it up for longer than calls in flight may."""


class Spans:
    """
    Sends a span for each call and each of its stages; what to send where is OpenTelemetry's own environment.

    Probes are left out. Of what callers send along, the ``traceparent`` alone is used: ``tracestate`` and ``baggage``
    hold whatever they like.
    """

    def __init__(self) -> None:
        self._provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("nodelens")
        self._epoch_ns = time.time_ns() - time.perf_counter_ns()

    def tell(self, call: Call) -> None:
        """Take note of a call that has ended."""
        if call.service == health.SERVICE_NAME:
            return
        span = self._tracer.start_span(
            f"{call.service}/{call.method}",
            TraceContextTextMapPropagator().extract({"traceparent": call.parent}),
            SpanKind.SERVER,
            attributes={
                "rpc.system": "grpc",
                "rpc.service": call.service,
                "rpc.method": call.method,
                "rpc.grpc.status_code": call.code.value[0],
                "nodelens.request_id": call.request_id,
            },
            start_time=self._time_ns(call.start_s),
        )
        within = set_span_in_context(span)
        for stage in call.stages:
            child = self._tracer.start_span(stage.name, within, start_time=self._time_ns(stage.start_s))
            child.end(self._time_ns(stage.end_s))
        if call.code in FAILURES:
            span.set_status(Status(StatusCode.ERROR))
        span.end(self._time_ns(call.end_s))

    def end(self) -> None:
        """Send what has not been sent, unless the collector is gone."""
        ending = Thread(target=self._provider.shutdown, daemon=True)
        ending.start()
        ending.join(END_S)

    def _time_ns(self, seconds: float) -> int:
        """Time since the epoch, of a time of `time.perf_counter`."""
        return self._epoch_ns + round(seconds * 1e9)


def _resource() -> Resource:
    told = Resource.create()
    if str(told.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return told.merge(Resource({SERVICE_NAME: "nodelens"}))
    return told
