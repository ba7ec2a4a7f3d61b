"""The last touch to every result: whose it is, when it was made, and by what."""

from copy import deepcopy
from typing import TypeVar

from highdicom import ContributingEquipment
from highdicom.base import SOPClass
from pydicom.config import RAISE
from pydicom.dataelem import DataElement
from pydicom.uid import ParametricMapStorage, SecondaryCaptureImageStorage
from pydicom.valuerep import validate_value

from service.dicom.basis import Basis
from service.dicom.codes import PROCESSING_EQUIPMENT
from service.dicom.origin import equipment_of

T = TypeVar("T", bound=SOPClass)

IDENTIFYING = ("PatientID", "PatientName", "IssuerOfPatientID", "AccessionNumber")
"""What must be the CT's, right or wrong."""

TEXTS = ("AS", "CS", "DA", "LO", "SH", "TM")

SIDED = (ParametricMapStorage, SecondaryCaptureImageStorage)
"""Images of General Series, which say of which side they are; empty is unknown."""

SIDES = ("L", "R")

SEXES = ("M", "F", "O", "", None)

DATES = ("InstanceCreationDate", "ContentDate", "DateOfSecondaryCapture")
TIMES = ("InstanceCreationTime", "ContentTime", "TimeOfSecondaryCapture")


def equipment(basis: Basis) -> ContributingEquipment:
    """The model as Contributing Equipment (0018,A001), with a Device UID of its own, as IHE AI Results asks."""
    item = ContributingEquipment(
        **equipment_of(basis.found.model),
        purpose_of_reference=PROCESSING_EQUIPMENT,
        contribution_description=f"{basis.legend}. Model SHA-256 {basis.found.model.digest}",
    )
    item.DeviceUID = basis.uid("device")
    return item


def finished(result: T, basis: Basis) -> T:
    """
    The same object with the patient and study of the CT, and without anything that another run would make anew.

    The library writes the time of day and random Dimension Organization UIDs.
    """
    first = deepcopy(basis.study.slices[0])
    result.copy_patient_and_study_information(first)
    _leave_out_impossible(result)
    for name in {*DATES, *TIMES} & set(result.dir()):
        setattr(result, name, basis.moment.date if name in DATES else basis.moment.time)
    for item in result.ContributingEquipmentSequence:
        item.pop("ContributionDateTime", None)
    for item in (*result.get("DimensionOrganizationSequence", ()), *result.get("DimensionIndexSequence", ())):
        item.DimensionOrganizationUID = basis.uid("dimensions", result.SeriesInstanceUID)
    if result.SOPClassUID in SIDED:
        result.Laterality = first.get("Laterality") if first.get("Laterality") in SIDES else None
    return result


def _leave_out_impossible(result: SOPClass) -> None:
    """Empty what the CT says in a way that DICOM does not allow, such as a Study ID too long: archives refuse it."""
    for element in list(result):
        if element.VR in TEXTS and element.keyword not in IDENTIFYING and not _is_possible(element):
            result.add_new(element.tag, element.VR, None)
    if result.get("PatientSex") not in SEXES:
        result.PatientSex = None


def _is_possible(element: DataElement) -> bool:
    values = element.value if element.VM > 1 else [element.value]
    try:
        for value in values:
            validate_value(element.VR, value, RAISE)
    except ValueError:
        return False
    return True
