"""Nothing that stands in a study is said aloud."""

import pytest
from pydicom.dataset import Dataset

from service.pacs.discretion import guarded
from tests.service.pacs.phantoms import ct_slices, structure_set

SLICES = ct_slices()[:2]
STUDY = [*SLICES, structure_set(SLICES * 4, "LN_canary")]


@pytest.mark.parametrize("message", ["instance 12, 13 lacks PixelSpacing", "the gantry was tilted", ""])
def test_what_quotes_nothing_is_said(message):
    """Instance numbers and attributes tell nothing about a person."""
    assert message == guarded(message, STUDY, "cannot be scored")


@pytest.mark.parametrize(
    "message",
    [
        "nothing is marked under 'LN_canary'",
        "of Canary^Carla",
        "CANARY-0 has two series",
        f"series {SLICES[0].SeriesInstanceUID} is broken",
        "born 19610203",
    ],
)
def test_what_quotes_a_study_is_replaced(message):
    """Names, numbers, dates and UIDs; those within sequences too."""
    assert "cannot be scored" == guarded(message, STUDY, "cannot be scored")


def test_each_of_several_values_is_looked_for():
    """An attribute may have more than one."""
    dataset = Dataset()
    dataset.OtherPatientNames = ["First^Name", "Second^Name"]

    assert "-" == guarded("of Second^Name", [dataset], "-")
