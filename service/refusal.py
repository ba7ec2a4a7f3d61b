"""
What a failed call means to the person who made it.

* ServiceFault
  + CallFailed          a call to a server came to nothing
    - ServerUnreachable   nothing answers at the address
    - TooSlow             the answer did not come in the time allowed
    - Refused             the server answered, and said no
"""

import grpc
from google.rpc.error_details_pb2 import BadRequest
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
    """The server answered, and said no; the message repeats its reasons."""


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
    return Refused(f"the server at {address} refuses: {'; '.join(_violations(error)) or details}")


def _violations(error: grpc.RpcError) -> list[str]:
    """What is wrong with each field that the server names."""
    status = rpc_status.from_call(error)
    found = []
    for detail in status.details if status else ():
        bad_request = BadRequest()
        if detail.Unpack(bad_request):
            found += [f"{v.field}: {v.description}" for v in bad_request.field_violations]
    return found


def _cause(details: str) -> str:
    """The end of gRPC's chain of causes, such as ``Connection refused (111)``."""
    return details.rsplit(": ", 1)[-1].strip(" .]")
