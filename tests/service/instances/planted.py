"""Studies with strings that must not come out again, in one attribute after the other."""

from collections.abc import Iterator
from io import BytesIO

import pydicom
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from tests.service.instances.sent import seg_study

SPARED = {"FileMetaInformationVersion", "PixelData", "SOPClassUID", "Modality"}
"""Without these a file would be passed over unread."""


def planted_studies(first_number: int) -> Iterator[list[bytes]]:
    """
    The study with a segmentation, with a canary in each attribute of a slice, of the segmentation and of a segment.

    Each canary is the text of an element whose value may have to be a number, a date or a UID: with implicit VR a
    reader finds that out only when it looks.
    """
    number = first_number
    for n in (1, 0):
        count = len(_holders(n)[1])
        for index in range(count):
            dataset, places = _holders(n)
            holder, tag = places[index]
            holder[tag] = DataElement(tag, "LO", f"CanaryD{number}^Carla")
            number += 1
            yield [*seg_study()[:n], _implicit(dataset), *seg_study()[n + 1 :]]


def _holders(n: int) -> tuple[Dataset, list[tuple[Dataset, int]]]:
    """A fresh copy of an instance, and where canaries can be planted in it."""
    dataset = pydicom.dcmread(BytesIO(seg_study()[n]))
    holders = [dataset, *dataset.get("SegmentSequence", ())[:1]]
    places = [
        (holder, element.tag)
        for holder in holders
        for element in holder
        if element.VR not in ("SQ", "OB", "OW") and element.keyword not in SPARED
    ]
    return dataset, places


def _implicit(dataset: Dataset) -> bytes:
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    stream = BytesIO()
    pydicom.dcmwrite(stream, dataset, implicit_vr=True, little_endian=True)
    return stream.getvalue()
