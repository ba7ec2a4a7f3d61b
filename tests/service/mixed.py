"""Requests of every kind, one after the other, and what they leave in a server."""

from collections.abc import Callable

import grpc
import psutil

from nodelens.v1 import node_classifier_service_pb2 as messages
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from service.encoding import Compression
from service.wire import volume_message
from tests.service.scans import empty_mask, request, scan, stream
from tests.service.servers import Server

VOLUME = messages.ClassifyOptions(heatmap_output=messages.HEATMAP_OUTPUT_VOLUME)
LABELS = messages.ClassifyOptions(node_separation=messages.NODE_SEPARATION_LABELS, edge_policy=messages.EDGE_POLICY_PAD)


class Mixture:
    """
    The calls of a server, in turn: answers of all sizes, refusals, and calls that their caller gives up.

    Args:
        stub: The server's calls.
    """

    def __init__(self, stub: NodeClassifierServiceStub) -> None:
        self._stub = stub
        self._plain, self._whole, self._padded = request(), request(options=VOLUME), request(options=LABELS)
        self._packed = request()
        self._packed.volume.CopyFrom(volume_message(scan()[0], Compression.ZSTD))
        self._empty = request(mask=empty_mask())
        self._unknown, self._odd = request(model="vgg"), request(options=messages.ClassifyOptions(operating_point=2.0))
        self._parts = stream(request(model="cnn"), 50_000)
        self._calls: list[Callable[[], object]] = [
            lambda: stub.Classify(self._plain),
            lambda: stub.ClassifyStream(iter(self._parts)),
            lambda: stub.Classify(self._padded),
            lambda: stub.Classify(self._unknown),
            lambda: stub.Classify(self._packed),
            lambda: stub.Classify(self._plain, timeout=0.01),
            lambda: stub.Classify(self._whole),
            lambda: stub.Classify(self._odd),
            lambda: stub.ClassifyStream(iter(self._parts[:-1])),
            lambda: stub.Classify(self._empty),
            lambda: stub.ListModels(messages.ListModelsRequest()),
        ]
        self._next = 0

    def ask(self, count: int) -> None:
        """Make so many more calls."""
        for _ in range(count):
            call = self._calls[self._next % len(self._calls)]
            self._next += 1
            try:
                call()
            except grpc.RpcError as error:
                if error.code() in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL):
                    raise


def resident_growth(server: Server, count: int) -> float:
    """
    How much resident memory grows over the last nine tenths of so many mixed requests, as a share.

    Single readings vary with what happens to be under way, so that each is the least of three.
    """
    process = psutil.Process(server.process.pid)
    with grpc.insecure_channel(server.address) as channel:
        mixture = Mixture(NodeClassifierServiceStub(channel))

        def size_bytes() -> int:
            sizes = []
            for _ in range(3):
                mixture.ask(11)
                sizes.append(process.memory_info().rss)
            return min(sizes)

        mixture.ask(count // 10 - 33)
        before = size_bytes()
        mixture.ask(count - count // 10 - 33)
        return size_bytes() / before - 1
