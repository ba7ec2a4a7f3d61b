"""Listens in between a client and a server: to the bytes, and to what gRPC makes of them."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any

import grpc


@contextmanager
def tapped_bytes(address: str) -> Iterator[tuple[str, list[bytes]]]:
    """A TCP proxy before an address: its own address, and all that goes through it, either way."""
    heard: list[bytes] = []
    host, _, port = address.rpartition(":")
    listener = socket.create_server(("127.0.0.1", 0))
    opened = [listener]

    def pump(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                heard.append(data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def accept() -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection((host, int(port)))
                opened.extend((near, far))
                for pair in ((near, far), (far, near)):
                    Thread(target=pump, args=pair, daemon=True).start()

    Thread(target=accept, daemon=True).start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}", heard
    finally:
        for each in opened:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


class Tap(grpc.GenericRpcHandler):
    """
    Passes every call on.

    Attributes:
        metadata: What came with the calls.
        messages: What came in them, by method, as bytes.
    """

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel
        self.metadata: list[tuple[str, str | bytes]] = []
        self.messages: list[tuple[str, bytes]] = []

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        """Its handler for a call."""
        method = details.method
        self.metadata += details.invocation_metadata

        def passed_on(requests: Iterator[bytes], context: Any) -> Iterator[bytes]:
            yield from self._channel.stream_stream(method)(self._heard(method, requests))

        return grpc.stream_stream_rpc_method_handler(passed_on)

    def _heard(self, method: str, requests: Iterator[bytes]) -> Iterator[bytes]:
        for request in requests:
            self.messages.append((method.rpartition("/")[2], request))
            yield request


@contextmanager
def tapped_calls(address: str) -> Iterator[tuple[str, Tap]]:
    """A gRPC proxy before an address: its own address, and what it hears."""
    with grpc.insecure_channel(address) as channel:
        tap = Tap(channel)
        server = grpc.server(ThreadPoolExecutor(4), handlers=[tap])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}", tap
        finally:
            server.stop(None).wait()
