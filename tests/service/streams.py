"""Streams that a test holds open, and what a failed call says."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from grpc_status import rpc_status

from tests.service.scans import request, stream


@contextmanager
def held_streams(stub: Any, count: int, sent_parts: int = 1, **fields: Any) -> Iterator[list[grpc.Future]]:
    """So many streams of which the first parts were sent; the others are sent when the block ends."""
    go_on = threading.Event()

    def parts() -> Iterator[Message]:
        messages = stream(request(**fields))
        yield from messages[:sent_parts]
        go_on.wait()
        yield from messages[sent_parts:]

    calls = [stub.ClassifyStream.future(parts()) for _ in range(count)]
    try:
        yield calls
    finally:
        go_on.set()


def eventually(holds: Callable[[], bool], within_s: float = 20.0) -> bool:
    """Whether something comes true in a while."""
    end = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def fault_of(error: grpc.RpcError) -> tuple[str, str, float]:
    """Code, reason, and seconds after which to try again (0 where nothing is said) of a failed call."""
    info, retry = ErrorInfo(), RetryInfo()
    for detail in rpc_status.from_call(error).details:
        detail.Unpack(info)
        detail.Unpack(retry)
    return error.code().name, info.reason, retry.retry_delay.ToNanoseconds() / 1e9
