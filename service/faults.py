"""
What can go wrong in the service, as a tree.

* ServiceFault
  + InvalidRequest    a field of the request is wrong, and the caller can mend it
  + RequestTooLarge   the request is larger than this server allows
  + ResponseTooLarge  the answer is larger than the caller, or any message, can take
  + RetryLater        time cures it
    - Overloaded        there is no room for the request now
    - NotServing        the server is about to end
  + TimeSpent         the request took longer than it may
  + UploadStalled     the bytes of a request did not come in time
  + UnknownModel      no such model or version is served here
  + ModelNotReleased  the model did not pass its release gates, and this server does not serve it
  + ReviewsNotTaken   this server keeps no reviews
  + ReviewIdTaken     a review's id is that of another review
  + ReviewNotStored   the ledger of reviews cannot be continued before it is mended
  + NotAuthenticated  the call brings no token that is known here
  + NotPermitted      the call's token is known, and not for this
  + UnusableModel     a model file that cannot be served
  + CannotStart       the server cannot start as it was told to
  + UnusableCredentials  a certificate, a key or tokens cannot be used

All but the last three become answers to a call (`service.status`); those end or limit the start.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why a request was refused, for programs (``google.rpc.ErrorInfo.reason``)."""

    INVALID_GEOMETRY = "INVALID_GEOMETRY"
    INVALID_VOXELS = "INVALID_VOXELS"
    INVALID_MASK = "INVALID_MASK"
    MASK_OUTSIDE_VOLUME = "MASK_OUTSIDE_VOLUME"
    INVALID_OPTION = "INVALID_OPTION"
    INVALID_REQUEST_ID = "INVALID_REQUEST_ID"
    INVALID_UPLOAD = "INVALID_UPLOAD"
    INVALID_MESSAGE = "INVALID_MESSAGE"
    REQUEST_TOO_LARGE = "REQUEST_TOO_LARGE"
    RESPONSE_TOO_LARGE = "RESPONSE_TOO_LARGE"
    INVALID_DICOM = "INVALID_DICOM"
    INVALID_SERIES = "INVALID_SERIES"
    NO_CT_IMAGE = "NO_CT_IMAGE"
    MIXED_SLICES = "MIXED_SLICES"
    UNEVEN_SLICES = "UNEVEN_SLICES"
    TILTED_SLICES = "TILTED_SLICES"
    UNREADABLE_PIXELS = "UNREADABLE_PIXELS"
    INVALID_MARKING = "INVALID_MARKING"
    NO_MARKING = "NO_MARKING"
    SEVERAL_MARKINGS = "SEVERAL_MARKINGS"
    UNKNOWN_MARK = "UNKNOWN_MARK"
    OTHER_FRAME = "OTHER_FRAME"
    ABSENT_INSTANCES = "ABSENT_INSTANCES"
    UNNAMED_STUDY = "UNNAMED_STUDY"
    INVALID_TENSOR = "INVALID_TENSOR"
    OVERLOADED = "OVERLOADED"
    NOT_SERVING = "NOT_SERVING"
    TIME_SPENT = "TIME_SPENT"
    UPLOAD_STALLED = "UPLOAD_STALLED"
    UNKNOWN_MODEL = "UNKNOWN_MODEL"
    MODEL_NOT_RELEASED = "MODEL_NOT_RELEASED"
    INVALID_REVIEW = "INVALID_REVIEW"
    REVIEWS_NOT_TAKEN = "REVIEWS_NOT_TAKEN"
    REVIEW_ID_TAKEN = "REVIEW_ID_TAKEN"
    REVIEW_NOT_STORED = "REVIEW_NOT_STORED"
    NO_VALID_TOKEN = "NO_VALID_TOKEN"
    SCOPE_MISSING = "SCOPE_MISSING"


class ServiceFault(Exception):
    """Base of all faults of the service."""


class InvalidRequest(ServiceFault):
    """A field of the request is wrong; ``field`` is its path, such as ``volume.geometry.spacing_mm[2]``."""

    def __init__(self, field: str, message: str, reason: Reason) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
        self.reason = reason


class RequestTooLarge(ServiceFault):
    """The request is larger than this server allows."""


class ResponseTooLarge(ServiceFault):
    """The answer is larger than the caller, or any message, can take."""


class RetryLater(ServiceFault):
    """Base of the faults that time cures; ``retry_s`` is how long it is likely to take, in seconds."""

    def __init__(self, message: str, retry_s: float) -> None:
        super().__init__(message)
        self.retry_s = retry_s


class Overloaded(RetryLater):
    """There is no room for the request now."""


class NotServing(RetryLater):
    """The server is about to end."""


class TimeSpent(ServiceFault):
    """The request took longer than it may."""


class UploadStalled(ServiceFault):
    """The bytes of a request did not come in time."""


class UnknownModel(ServiceFault):
    """No such model or version is served here."""


class ModelNotReleased(ServiceFault):
    """The model did not pass its release gates, and this server does not serve it."""


class ReviewsNotTaken(ServiceFault):
    """This server keeps no reviews."""


class ReviewIdTaken(ServiceFault):
    """A review's id is that of another review."""


class ReviewNotStored(ServiceFault):
    """The ledger of reviews cannot be continued before it is mended."""


class NotAuthenticated(ServiceFault):
    """The call brings no token that is known here."""


class NotPermitted(ServiceFault):
    """The call's token is known, and not for this."""


class UnusableModel(ServiceFault):
    """A model file cannot be served."""


class CannotStart(ServiceFault):
    """The server cannot start as it was told to."""


class UnusableCredentials(ServiceFault):
    """A certificate, a key or tokens cannot be used."""
