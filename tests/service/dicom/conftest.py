"""Fixtures of the DICOM results."""

import pytest

from service.dicom.basis import Basis
from service.dicom.segmentation import segmentation
from tests.service.dicom.studies import LABELS, answer, model, study


@pytest.fixture(scope="session")
def basis():
    """An axial study with two scored nodes and one at the edge."""
    told = study()
    return Basis.of(told, answer(told, model()), model(), LABELS)


@pytest.fixture(scope="session")
def segments(basis):
    """Its segmentation."""
    return segmentation(basis)
