"""What a fault looks like on the wire: the one table that turns faults into gRPC statuses."""

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from service.faults import (
    InvalidRequest,
    ModelNotReleased,
    NotAuthenticated,
    NotPermitted,
    NotServing,
    Overloaded,
    Reason,
    RequestTooLarge,
    ResponseTooLarge,
    RetryLater,
    ReviewIdTaken,
    ReviewNotStored,
    ReviewsNotTaken,
    ServiceFault,
    TimeSpent,
    UnknownModel,
    UploadStalled,
)

DOMAIN = "nodelens"

CODES: dict[type[ServiceFault], tuple[grpc.StatusCode, Reason | None]] = {
    InvalidRequest: (grpc.StatusCode.INVALID_ARGUMENT, None),
    RequestTooLarge: (grpc.StatusCode.RESOURCE_EXHAUSTED, Reason.REQUEST_TOO_LARGE),
    ResponseTooLarge: (grpc.StatusCode.RESOURCE_EXHAUSTED, Reason.RESPONSE_TOO_LARGE),
    Overloaded: (grpc.StatusCode.RESOURCE_EXHAUSTED, Reason.OVERLOADED),
    NotServing: (grpc.StatusCode.UNAVAILABLE, Reason.NOT_SERVING),
    TimeSpent: (grpc.StatusCode.DEADLINE_EXCEEDED, Reason.TIME_SPENT),
    UploadStalled: (grpc.StatusCode.DEADLINE_EXCEEDED, Reason.UPLOAD_STALLED),
    UnknownModel: (grpc.StatusCode.NOT_FOUND, Reason.UNKNOWN_MODEL),
    ModelNotReleased: (grpc.StatusCode.FAILED_PRECONDITION, Reason.MODEL_NOT_RELEASED),
    ReviewsNotTaken: (grpc.StatusCode.FAILED_PRECONDITION, Reason.REVIEWS_NOT_TAKEN),
    ReviewIdTaken: (grpc.StatusCode.ALREADY_EXISTS, Reason.REVIEW_ID_TAKEN),
    ReviewNotStored: (grpc.StatusCode.FAILED_PRECONDITION, Reason.REVIEW_NOT_STORED),
    NotAuthenticated: (grpc.StatusCode.UNAUTHENTICATED, Reason.NO_VALID_TOKEN),
    NotPermitted: (grpc.StatusCode.PERMISSION_DENIED, Reason.SCOPE_MISSING),
}
"""Code and reason of every fault that answers a call; an invalid request brings its own reason."""


def status_of(fault: ServiceFault) -> grpc.Status:
    """The status that tells a caller what to mend, with ``BadRequest``, ``RetryInfo`` and ``ErrorInfo``."""
    code, reason = CODES[type(fault)]
    details: list[Message] = []
    if isinstance(fault, InvalidRequest):
        reason = fault.reason
        violation = BadRequest.FieldViolation(field=fault.field, description=fault.message, reason=fault.reason)
        details.append(BadRequest(field_violations=[violation]))
    if isinstance(fault, RetryLater):
        retry = RetryInfo()
        retry.retry_delay.FromNanoseconds(int(fault.retry_s * 1e9))
        details.append(retry)
    details.append(ErrorInfo(reason=reason, domain=DOMAIN))
    status = Status(code=code.value[0], message=str(fault))
    for detail in details:
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)
    answer: grpc.Status = rpc_status.to_status(status)
    return answer
