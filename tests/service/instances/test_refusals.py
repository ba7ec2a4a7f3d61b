"""What is wrong with DICOM instances, as callers hear it."""

import inspect

import pytest

from imaging import errors
from imaging.errors import ImagingError, InvalidGeometry, TooManyVoxels, UnknownMark, UnnamedStudy, UnreadableDicom
from service.faults import InvalidRequest, Reason, RequestTooLarge
from service.inference.workers import Abandoned
from service.instances.refusals import REASONS, refusal_of, refused, without_names

FAULTS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, UnreadableDicom)]


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_of_instances_has_a_reason_of_its_own(fault):
    """Programs can tell them apart, and the field goes along."""
    refusal = refusal_of(fault("it is wrong", "instances[InstanceNumber=7].Rows"))

    assert REASONS[fault] is refusal.reason
    assert len(REASONS) == len(set(REASONS.values()))
    assert "instances[InstanceNumber=7].Rows: it is wrong" == str(refusal)


@pytest.mark.parametrize(
    ("fault", "field", "reason"),
    [
        (UnnamedStudy("no UIDs"), "results", Reason.UNNAMED_STUDY),
        (InvalidGeometry("no grid"), "instances", Reason.INVALID_DICOM),
    ],
)
def test_faults_without_field_get_one(fault, field, reason):
    """Whatever is wrong, a field of the request is named."""
    refusal = refusal_of(fault)

    assert (field, reason) == (refusal.field, refusal.reason)


def test_too_much_is_no_invalid_request():
    """A smaller part would do."""
    assert isinstance(refusal_of(TooManyVoxels("9 voxels")), RequestTooLarge)


def test_names_do_not_come_out_again():
    """A structure may be called after the patient, with quotes in it too."""
    refusal = refusal_of(UnknownMark("nothing is marked as 'x'; there is 'O'Neill^Carla', 'LN'", "names"))

    assert "names: nothing is marked as (name withheld)" == str(refusal)
    assert "frame 3 lacks PixelSpacing" == without_names("frame 3 lacks PixelSpacing")


def test_an_error_that_nobody_foresaw_is_the_callers_to_mend():
    """Damaged elements raise errors of any kind; their text, which may quote the instance, is not told."""
    with pytest.raises(InvalidRequest) as error, refused():
        int("Canary^Carla")

    assert "INVALID_DICOM" == error.value.reason
    assert "Canary" not in str(error.value)


@pytest.mark.parametrize("fault", [RequestTooLarge("x"), Abandoned()])
def test_what_is_no_fault_of_instances_passes(fault):
    """Refusals that have been made stay as they are, and work that was given up is no refusal."""
    with pytest.raises(type(fault)) as error, refused():
        raise fault

    assert error.value is fault
    assert not isinstance(fault, ImagingError)
