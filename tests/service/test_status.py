"""Faults as gRPC statuses."""

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

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
    ReviewIdTaken,
    ReviewNotStored,
    ReviewsNotTaken,
    TimeSpent,
    UnknownModel,
    UploadStalled,
)
from service.status import CODES, status_of

CASES = [
    (InvalidRequest("volume.voxels", "too few", Reason.INVALID_VOXELS), "INVALID_ARGUMENT", "INVALID_VOXELS"),
    (RequestTooLarge("too large"), "RESOURCE_EXHAUSTED", "REQUEST_TOO_LARGE"),
    (ResponseTooLarge("too large"), "RESOURCE_EXHAUSTED", "RESPONSE_TOO_LARGE"),
    (Overloaded("full", 2.5), "RESOURCE_EXHAUSTED", "OVERLOADED"),
    (NotServing("ending", 1.0), "UNAVAILABLE", "NOT_SERVING"),
    (TimeSpent("too long"), "DEADLINE_EXCEEDED", "TIME_SPENT"),
    (UploadStalled("silence"), "DEADLINE_EXCEEDED", "UPLOAD_STALLED"),
    (UnknownModel("no model"), "NOT_FOUND", "UNKNOWN_MODEL"),
    (ModelNotReleased("gates"), "FAILED_PRECONDITION", "MODEL_NOT_RELEASED"),
    (ReviewsNotTaken("no ledger"), "FAILED_PRECONDITION", "REVIEWS_NOT_TAKEN"),
    (ReviewIdTaken("another review"), "ALREADY_EXISTS", "REVIEW_ID_TAKEN"),
    (ReviewNotStored("broken"), "FAILED_PRECONDITION", "REVIEW_NOT_STORED"),
    (NotAuthenticated("no token"), "UNAUTHENTICATED", "NO_VALID_TOKEN"),
    (NotPermitted("no scope"), "PERMISSION_DENIED", "SCOPE_MISSING"),
]


def details_of(status):
    """The messages packed into a status."""
    [(key, packed)] = status.trailing_metadata
    assert key == "grpc-status-details-bin"
    return Status.FromString(packed).details


@pytest.mark.parametrize(("fault", "code", "reason"), CASES)
def test_every_fault_has_code_and_reason(fault, code, reason):
    """The status tells a program what to do: code, reason and domain."""
    status = status_of(fault)
    info = ErrorInfo()
    assert details_of(status)[-1].Unpack(info)

    assert grpc.StatusCode[code] is status.code
    assert (reason, "nodelens") == (info.reason, info.domain)
    assert str(fault) == status.details


def test_the_table_is_complete():
    """Each fault of the table is tested above."""
    assert set(CODES) == {type(fault) for fault, _, _ in CASES}


def test_an_invalid_request_names_its_field():
    """BadRequest carries the field's path and what to mend."""
    bad = BadRequest()
    assert details_of(status_of(CASES[0][0]))[0].Unpack(bad)

    [violation] = bad.field_violations
    assert ("volume.voxels", "too few") == (violation.field, violation.description)


def test_what_time_cures_says_when():
    """RetryInfo carries the delay; a fault that a retry does not help has none."""
    retry = RetryInfo()
    found = {kind: details_of(status_of(kind("full", 2.5)))[0] for kind in (Overloaded, NotServing)}

    for detail in found.values():
        assert detail.Unpack(retry)
        assert retry.retry_delay.ToMilliseconds() == 2500
    assert not any(detail.Is(RetryInfo.DESCRIPTOR) for detail in details_of(status_of(RequestTooLarge("large"))))
