"""A collector of traces."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """
    Keeps the spans that it is sent.

    Attributes:
        endpoint: Its URL.
        requests: What it was sent.
    """

    def __init__(self) -> None:
        self.endpoint = ""
        self.requests: list[trace_service_pb2.ExportTraceServiceRequest] = []

    def Export(self, request, context):  # noqa: N802 -- as in the proto
        """Take spans."""
        self.requests.append(request)
        return trace_service_pb2.ExportTraceServiceResponse()

    @property
    def spans(self) -> list[Span]:
        """All spans, in the order in which they came."""
        return [
            span for sent in self.requests for each in sent.resource_spans for s in each.scope_spans for span in s.spans
        ]


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector at work, on a real socket."""
    collector = Collector()
    server = grpc.server(ThreadPoolExecutor(1))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)
    collector.endpoint = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield collector
    server.stop(None).wait()


def attributes(span: Span) -> dict[str, str | int]:
    """The attributes of a span."""
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}
