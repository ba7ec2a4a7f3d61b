"""The last touch to every result: whose it is, when it was made, and by what."""

from typing import TypeVar

from highdicom import ContributingEquipment
from highdicom.base import SOPClass

from service.dicom.basis import Basis
from service.dicom.codes import PROCESSING_EQUIPMENT
from service.dicom.origin import equipment_of

T = TypeVar("T", bound=SOPClass)

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
    first = basis.study.slices[0]
    result.copy_patient_and_study_information(first)
    for name in {*DATES, *TIMES} & set(result.dir()):
        setattr(result, name, basis.moment.date if name in DATES else basis.moment.time)
    for item in result.ContributingEquipmentSequence:
        item.pop("ContributionDateTime", None)
    for item in (*result.get("DimensionOrganizationSequence", ()), *result.get("DimensionIndexSequence", ())):
        item.DimensionOrganizationUID = basis.uid("dimensions", result.SeriesInstanceUID)
    if result.Modality == "OT":
        result.Laterality = first.get("Laterality", "")
    return result
