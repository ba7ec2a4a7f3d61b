"""What a failed call to the service means to a study."""

import grpc
from google.rpc.error_details_pb2 import RetryInfo
from grpc_status import rpc_status

from service.faults import ServiceFault, UnknownModel
from service.pacs.faults import NotToBeScored, PacsFault, ServiceAway, StudyFailed
from service.refusal import ServerUnreachable, TooSlow

OPERATORS = (
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.UNIMPLEMENTED,
)
"""Codes that no other study would be spared: somebody must mend the server, the token or the choice of a model."""


def meaning_of(failure: ServiceFault) -> PacsFault:
    """
    Whether the service is away, this study failed, or will never be scored.

    Args:
        failure: As a client raised it, with the status as its cause.
    """
    told = str(failure)
    if isinstance(failure, (ServerUnreachable, UnknownModel)):
        return ServiceAway(told)
    if isinstance(failure, TooSlow):
        return StudyFailed(told)
    cause = failure.__cause__
    if not isinstance(cause, grpc.RpcError):
        return StudyFailed(told)
    code, retry_s = cause.code(), _retry_s(cause)
    if retry_s is not None or code is grpc.StatusCode.UNAVAILABLE or code in OPERATORS:
        return ServiceAway(told, retry_s or 0.0)
    if code in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.OUT_OF_RANGE):
        return NotToBeScored(told)
    return StudyFailed(told)


def _retry_s(error: grpc.RpcError) -> float | None:
    """When the server wants to be asked again; None where it does not say."""
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        retry = RetryInfo()
        if detail.Unpack(retry):
            return float(retry.retry_delay.ToTimedelta().total_seconds())
    return None
