"""
What a failed call means to the person who made it.

* ServiceFault
  + CallFailed          a call to a server came to nothing
    - ServerUnreachable   nothing answers at the address
    - TooSlow             the answer did not come in the time allowed
    - Refused             the server answered, and said no
      * TryLater            and that it may say yes later
"""

from collections.abc import Iterator
from typing import Any

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from grpc_status import rpc_status

from service.faults import ServiceFault
from service.security.handshake import explained


class CallFailed(ServiceFault):
    """A call to a server came to nothing."""


class ServerUnreachable(CallFailed):
    """Nothing that is a NodeLens server answers at the address."""


class TooSlow(CallFailed):
    """The answer did not come in the time allowed."""


class Refused(CallFailed):
    """The server answered, and said no; the message repeats its reasons, and ``reason`` is for programs, or empty."""

    def __init__(self, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.reason = reason


class TryLater(Refused):
    """The server says no now, and may say yes in ``retry_s`` seconds."""

    def __init__(self, message: str, reason: str = "", retry_s: float = 0.0) -> None:
        super().__init__(message, reason)
        self.retry_s = retry_s


def failure_of(error: grpc.RpcError, address: str, timeout_s: float) -> CallFailed:
    """
    The failure behind a gRPC error, in sentences.

    Args:
        error: As raised by a call.
        address: Of the server, to be named.
        timeout_s: What the call was allowed.
    """
    code, details = error.code(), error.details() or "no reason given"
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return TooSlow(f"the server at {address} did not answer within {timeout_s:g} s; allow it a longer timeout")
    if code is grpc.StatusCode.UNAVAILABLE and rpc_status.from_call(error) is None:
        return ServerUnreachable(
            explained(details, address)
            or f"no server answers at {address} ({_cause(details)}); "
            "check the address, and that nodelens-serve runs there"
        )
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return ServerUnreachable(f"what answers at {address} is not a NodeLens server of this version")
    if code in (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN):
        return CallFailed(f"the server at {address} failed ({code.name}: {details}); its log may tell why")
    return _refusal(error, address, details)


def _refusal(error: grpc.RpcError, address: str, details: str) -> Refused:
    """What the server says, field by field where it names fields."""
    violations = [
        f"{v.field}: {v.description}" for found in _details(error, BadRequest) for v in found.field_violations
    ]
    message = f"the server at {address} refuses: {'; '.join(violations) or details}"
    reason = next((str(info.reason) for info in _details(error, ErrorInfo)), "")
    for retry in _details(error, RetryInfo):
        return TryLater(message, reason, retry.retry_delay.ToNanoseconds() / 1e9)
    return Refused(message, reason)


def _details(error: grpc.RpcError, kind: type[Message]) -> Iterator[Any]:
    """Those of the details of one kind that the server gave."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        found = kind()
        if detail.Unpack(found):
            yield found


def _cause(details: str) -> str:
    """The end of gRPC's chain of causes, such as ``Connection refused (111)``."""
    return details.rsplit(": ", 1)[-1].strip(" .]")
