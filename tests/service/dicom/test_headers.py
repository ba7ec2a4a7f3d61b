"""What is taken over from the CT's slices, and what is not."""

import pytest

from imaging.errors import UnnamedStudy
from service.dicom.headers import Moment, headers_of, moment_of, require_uids
from tests.service.dicom.studies import PATIENT, study


@pytest.mark.parametrize("name", ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID"])
@pytest.mark.parametrize("value", ["", None])
def test_a_ct_without_uids_is_refused_by_name(name, value):
    """Results would belong to no study; the message says so, and what to do."""
    with pytest.raises(UnnamedStudy, match=f"the CT lacks {name}: DICOM results would belong to no study; restore"):
        require_uids(study(**{name: value}))


def test_a_marking_without_uid_is_refused():
    """Tracking UIDs are derived from it: two patients' nodes must not share one."""
    told = study()
    told.marking.SOPInstanceUID = ""

    with pytest.raises(UnnamedStudy, match="what marks the nodes lacks SOPInstanceUID"):
        require_uids(told)


def test_the_refusal_names_no_patient():
    """Neither name nor ID is part of the message."""
    with pytest.raises(UnnamedStudy) as caught:
        require_uids(study(StudyInstanceUID=""))

    assert not [value for value in PATIENT.values() if value in str(caught.value)]


def test_the_library_is_given_no_patient():
    """It quotes names in its warnings and logs; what it is given has none."""
    header = headers_of(study())[3]

    assert {""} == {header[name].value or "" for name in PATIENT}
    assert study().slices[3].SOPInstanceUID == header.SOPInstanceUID


def test_a_slice_without_thickness_gets_the_distance_of_slices():
    """Results need one; the CT's own stands where it has one."""
    assert 1.5 == headers_of(study(SliceThickness=None))[0].SliceThickness
    assert 2.0 == headers_of(study(SliceThickness=2.0))[0].SliceThickness


def test_orientations_that_differ_in_the_last_digits_are_one():
    """The library refuses them, and scanners write them; the place of each slice stays its own."""
    told = study()
    told.slices[2].ImageOrientationPatient = [1, 0.000001, 0, 0, 1, 0]

    headers = headers_of(told)

    assert 1 == len({tuple(header.ImageOrientationPatient) for header in headers})
    assert len(headers) == len({tuple(header.ImagePositionPatient) for header in headers})


class TestMoment:
    def test_results_bear_the_most_exact_date_of_the_ct(self):
        """The acquisition's comes before the study's."""
        assert Moment("20240506", "071500") == moment_of(study().slices[0], "2026-01-01")

    def test_a_study_without_acquisition_has_its_own_date(self):
        """An empty or impossible date is passed over."""
        told = study(AcquisitionDate=None, AcquisitionTime=None, SeriesDate="", ContentDate="").slices[0]

        assert Moment("20240506", "070809") == moment_of(told, "2026-01-01")

    def test_without_any_date_it_is_the_models(self):
        """De-identified studies have none, and results need one that does not change from run to run."""
        told = study(AcquisitionDate=None, AcquisitionTime=None, StudyDate="").slices[0]

        assert Moment("20261124", "000000") == moment_of(told, "2026-11-24T12:00:00+00:00")
