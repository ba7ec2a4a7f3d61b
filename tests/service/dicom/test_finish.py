"""Results belong to the CT's patient and study, and to no moment of their own."""

import pytest

from service.dicom.finish import equipment
from service.dicom.kinds import ALL, ResultKind
from service.dicom.results import result_objects
from tests.service.dicom.conforming import errors_of
from tests.service.dicom.studies import LABELS, PATIENT, answer, model, study

QUICK = ALL - {ResultKind.SC}


def results(kinds=QUICK, **changes):
    """A study whose slices have these attributes, and results."""
    told = study(**changes)
    return told, result_objects(told, answer(told, model()), model(), LABELS, kinds)


def test_patient_and_study_are_the_cts():
    """Every result joins the study it was made of."""
    told, made = results(ALL, PatientAge="074Y", StudyDescription="Thorax", PatientComments="")
    names = [*PATIENT, "StudyInstanceUID", "PatientAge", "StudyDescription"]

    for each in made:
        assert {name: told.slices[0][name].value for name in names} == {name: each[name].value for name in names}


@pytest.mark.parametrize("name", ["Müller^Jörg", "Yamada^Tarou=山田^太郎", "Bono"])
def test_names_in_any_script_arrive(name):
    """The name is the CT's, letter by letter, whatever character set that had."""
    assert {name} == {str(each.PatientName) for each in results(PatientName=name)[1]}


@pytest.mark.parametrize(("told", "side"), [("L", "L"), ("U", None), ("", None)])
def test_images_are_of_a_side_that_there_is(told, side):
    """Some scanners write U or B for Laterality (0020,0060), which DICOM does not allow there."""
    told_study, manifest = study(Laterality=told), model()

    objects = result_objects(told_study, answer(told_study, manifest), manifest, LABELS, {ResultKind.PARAMETRIC_MAP})

    assert [side] == [each.Laterality or None for each in objects]


def test_the_dates_are_the_cts():
    """A result made again tomorrow has today's bytes."""
    for each in results(ALL)[1]:
        assert ("20240506", "071500") == (each.ContentDate, each.ContentTime)
        assert ("20240506", "071500") == (each.InstanceCreationDate, each.InstanceCreationTime)
        assert not [item for item in each.ContributingEquipmentSequence if "ContributionDateTime" in item]


def test_the_cts_equipment_and_ours_have_contributed(basis):
    """IHE AI Results asks for the algorithm's maker, name, version and device UID."""
    item = equipment(basis)

    assert ("NodeLens", "ab" * 8) == (item.Manufacturer, item.DeviceSerialNumber)
    assert item.DeviceUID.startswith("2.25.")
    assert "ab" * 32 in item.ContributionDescription
    assert all(item.DeviceUID in str(each.ContributingEquipmentSequence) for each in results()[1])


class TestFaultsOfTheCt:
    @pytest.mark.parametrize(
        ("name", "value"),
        [("StudyID", "IBSI_1_STS_002_CT"), ("PatientSex", "U"), ("PatientBirthDate", "1950"), ("PatientAge", "74")],
    )
    @pytest.mark.filterwarnings("ignore:.*:UserWarning")
    def test_what_dicom_does_not_allow_is_left_empty(self, name, value, tmp_path):
        """Archives refuse such objects; the CT itself is not touched."""
        told, made = results(**{name: value})

        assert {True} == {not each[name].value for each in made}
        assert value == told.slices[0][name].value
        assert [] == errors_of(made[0], tmp_path)

    @pytest.mark.filterwarnings("ignore:.*:UserWarning")
    def test_what_identifies_is_the_cts_right_or_wrong(self):
        """A cut accession number would be another examination's."""
        assert {"A" * 20} == {each.AccessionNumber for each in results(AccessionNumber="A" * 20)[1]}

    def test_what_is_missing_is_left_empty(self, tmp_path):
        """De-identified slices without any of the patient's attributes give results all the same."""
        made = results(**dict.fromkeys(PATIENT))[1]

        assert {""} == {str(each.PatientName or "") for each in made}
        assert [] == errors_of(made[1], tmp_path)
