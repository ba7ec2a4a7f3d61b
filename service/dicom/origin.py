"""Who made an object, and how ours are known again."""

from collections.abc import Mapping
from importlib.metadata import version as installed_version
from typing import Any

from pydicom.dataset import Dataset

from imaging.dicom.study import MANUFACTURER
from service.findings import ModelRef

PRODUCT = "NodeLens node classifier"


def is_own(dataset: Dataset | Mapping[str, Any]) -> bool:
    """
    Whether an object is a result of NodeLens, which nothing may score again.

    Args:
        dataset: The object, or its attributes by keyword, as a PACS tells them.
    """
    return (dataset.get("Manufacturer"), dataset.get("ManufacturerModelName")) == (MANUFACTURER, PRODUCT)


def equipment_of(ref: ModelRef) -> dict[str, Any]:
    """The General Equipment Module (PS3.3 C.7.5.1) of a model's results, by parameter of highdicom."""
    return {
        "manufacturer": MANUFACTURER,
        "manufacturer_model_name": PRODUCT,
        "software_versions": [code_version(), f"{ref.name[:50]} {ref.version}"],
        "device_serial_number": ref.digest[:16],
    }


def code_version() -> str:
    """This release."""
    return installed_version("nodelens")
