"""What is wrong with DICOM instances, as it is told to callers: without the names that they brought."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from imaging import errors
from imaging.errors import ImagingError, TooManyNodes, TooManyVoxels, UnnamedStudy, UnreadableDicom
from service.faults import InvalidRequest, Reason, RequestTooLarge, ServiceFault
from service.inference.workers import Abandoned

REASONS: dict[type[ImagingError], Reason] = {
    errors.UnreadableDicom: Reason.INVALID_DICOM,
    errors.UnreadableSeries: Reason.INVALID_SERIES,
    errors.NoCtImage: Reason.NO_CT_IMAGE,
    errors.MixedSlices: Reason.MIXED_SLICES,
    errors.UnevenSlices: Reason.UNEVEN_SLICES,
    errors.TiltedSlices: Reason.TILTED_SLICES,
    errors.UnreadablePixels: Reason.UNREADABLE_PIXELS,
    errors.UnreadableMarking: Reason.INVALID_MARKING,
    errors.NoMarking: Reason.NO_MARKING,
    errors.SeveralMarkings: Reason.SEVERAL_MARKINGS,
    errors.UnknownMark: Reason.UNKNOWN_MARK,
    errors.OtherFrame: Reason.OTHER_FRAME,
    errors.AbsentInstances: Reason.ABSENT_INSTANCES,
}
"""Reason of every fault of instances."""

QUOTED = re.compile("'.*'", re.DOTALL)
"""From the first to the last quote, since a name may have some itself."""

log = logging.getLogger(__name__)


@contextmanager
def refused() -> Iterator[None]:
    """
    Turn what goes wrong while instances are read into what the caller is told.

    Raises:
        InvalidRequest: an instance, or all together, cannot be used.
        RequestTooLarge: there are more voxels or nodes than are allowed.
    """
    try:
        yield
    except (ServiceFault, Abandoned):
        raise
    except ImagingError as error:
        raise refusal_of(error) from error
    except Exception as error:  # Damaged elements raise errors of many kinds wherever they are looked at.
        log.warning("DICOM instances raised an error that is not foreseen", exc_info=error)
        raise InvalidRequest(
            "instances", "a DICOM element cannot be read; check the files with a DICOM validator", Reason.INVALID_DICOM
        ) from error


def refusal_of(error: ImagingError) -> ServiceFault:
    """The refusal for what is wrong with instances."""
    if isinstance(error, (TooManyNodes, TooManyVoxels)):
        return RequestTooLarge(str(error))
    if isinstance(error, UnnamedStudy):
        return InvalidRequest("results", str(error), Reason.UNNAMED_STUDY)
    field = error.field if isinstance(error, UnreadableDicom) else "instances"
    return InvalidRequest(field, without_names(str(error)), REASONS.get(type(error), Reason.INVALID_DICOM))


def without_names(message: str) -> str:
    """
    A message of `imaging.dicom` without what it quotes: structures may be called anything, patients included.

    >>> without_names("nothing is marked as 'LN 7'; there is 'Doe^John'")
    'nothing is marked as (name withheld)'
    """
    return QUOTED.sub("(name withheld)", message)
