"""Our results are known again, so that nothing scores them."""

import pytest
from pydicom.dataset import Dataset

from service.dicom.origin import code_version, equipment_of, is_own
from service.dicom.results import result_objects
from service.findings import ModelRef
from tests.service.dicom.studies import LABELS, answer, model, study


def test_every_result_is_our_own_and_no_ct_is():
    """Series that come back from the PACS trigger nothing."""
    told = study()

    assert all(map(is_own, result_objects(told, answer(told, model()), model(), LABELS)))
    assert not any(map(is_own, told.slices))


@pytest.mark.parametrize(
    ("told", "own"),
    [
        ({"Manufacturer": "NodeLens", "ManufacturerModelName": "NodeLens node classifier"}, True),
        ({"Manufacturer": "NodeLens"}, False),
        ({}, False),
        (Dataset(), False),
    ],
)
def test_attributes_by_keyword_are_enough(told, own):
    """A PACS tells attributes as a mapping; what tells none is not ours."""
    assert own == is_own(told)


def test_equipment_names_release_model_and_weights():
    """Which program and which file made a result stands in its General Equipment."""
    told = equipment_of(ModelRef("cnn-gap", 3, "0123456789abcdef" * 4))

    assert [code_version(), "cnn-gap 3"] == told["software_versions"]
    assert "0123456789abcdef" == told["device_serial_number"]
    assert max(map(len, equipment_of(ModelRef("n" * 99, 3, "0" * 64))["software_versions"])) <= 64
