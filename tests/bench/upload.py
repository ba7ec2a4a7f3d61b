"""
What streaming a CT costs, next to a raw socket.

``python -m tests.bench.upload`` sends the same bytes, on this machine, over a socket into a buffer, and in chunks over
gRPC into a server's `service.upload.Upload`, by turns, and prints a Markdown table; compare the ratio, not the speeds.
"""

import argparse
import asyncio
import multiprocessing
import os
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from multiprocessing.connection import Connection
from typing import Any

import grpc
import grpc.aio

from nodelens.v1 import images_pb2 as images
from nodelens.v1 import node_classifier_service_pb2 as messages
from nodelens.v1.node_classifier_service_pb2_grpc import (
    NodeClassifierServiceServicer,
    NodeClassifierServiceStub,
    add_NodeClassifierServiceServicer_to_server,
)
from service.admission.patience import patient
from service.client import DEFAULT_CONNECTION
from service.sending import Parcel
from service.upload import Upload

REPEATS = 9
RECEIVED = 1 << 20
"""Bytes that the raw socket asks for at a time."""


class Sink(NodeClassifierServiceServicer):
    """Takes uploads as the server does, and answers without looking at them."""

    async def ClassifyStream(  # noqa: N802 -- as in the proto
        self, requests: AsyncIterator[messages.ClassifyStreamRequest], context: Any
    ) -> messages.ClassifyStreamResponse:
        """Take one upload."""
        parts = patient(requests, idle_s=30.0)
        header = (await anext(parts)).header
        upload = Upload(header, 2**40)
        async for part in parts:
            upload.add(part.chunk)
        upload.finished()
        return messages.ClassifyStreamResponse()


def grpc_sink(told: Connection) -> None:
    """Serve uploads until killed; tells its port."""

    async def serve() -> None:
        server = grpc.aio.server(options=[("grpc.max_receive_message_length", -1)])
        add_NodeClassifierServiceServicer_to_server(Sink(), server)
        told.send(server.add_insecure_port("127.0.0.1:0"))
        await server.start()
        await server.wait_for_termination()

    asyncio.run(serve())


def raw_sink(told: Connection, byte_count: int) -> None:
    """Take so many bytes from each connection, until killed; tells its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        told.send(listener.getsockname()[1])
        while True:
            connection, _ = listener.accept()
            with connection:
                view, received = memoryview(bytearray(byte_count)), 0
                while received < byte_count:
                    received += connection.recv_into(view[received : received + RECEIVED])
                connection.sendall(b"x")


def send_raw(port: int, data: bytes) -> None:
    """Send all, and wait until all is there."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(data)
        connection.recv(1)


def send_grpc(stub: NodeClassifierServiceStub, parcel: Parcel) -> None:
    """Send a CT as the client does, and wait for the answer."""
    stub.ClassifyStream(parcel.stream())


def started(target: Callable[..., None], *args: Any) -> tuple[multiprocessing.Process, int]:
    """A process of its own, and its port."""
    mine, its = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=target, args=(its, *args), daemon=True)
    process.start()
    return process, mine.recv()


def speeds(data: bytes, repeats: int) -> tuple[list[float], list[float]]:
    """MB/s of raw socket and of gRPC, by turns; the first of each is not counted."""
    (raw, raw_port), (grpc_process, grpc_port) = started(raw_sink, len(data)), started(grpc_sink)
    found: tuple[list[float], list[float]] = [], []
    try:
        with grpc.insecure_channel(f"127.0.0.1:{grpc_port}", options=DEFAULT_CONNECTION.options()) as channel:
            stub = NodeClassifierServiceStub(channel)
            for _ in range(repeats + 1):
                parcel = Parcel.of(messages.ClassifyRequest(volume=images.Volume(voxels=data)))
                for times, send, *arguments in (
                    (found[0], send_raw, raw_port, data),
                    (found[1], send_grpc, stub, parcel),
                ):
                    start = time.perf_counter()
                    send(*arguments)
                    times.append(len(data) / 1e6 / (time.perf_counter() - start))
    finally:
        raw.kill()
        grpc_process.kill()
    return found[0][1:], found[1][1:]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.upload", description="Speed of a streamed upload")
    parser.add_argument("--mib", type=int, default=150, help="size of the CT; default: %(default)s")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="default: %(default)s")
    args = parser.parse_args()
    raw, streamed = speeds(os.urandom(args.mib * 2**20), args.repeats)
    ratio = statistics.median(b / a for a, b in zip(raw, streamed, strict=True))
    lines = ["| what | median MB/s | lowest to highest MB/s |", "|---|---|---|"]
    for name, found in (("raw socket", raw), ("streamed over gRPC", streamed)):
        lines.append(f"| {name} | {statistics.median(found):.0f} | {min(found):.0f} to {max(found):.0f} |")
    sys.stdout.write("\n".join(lines) + f"\n\nstreamed over raw, median of pairs: {ratio:.2f}\n")


if __name__ == "__main__":
    main()
