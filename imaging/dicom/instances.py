"""
DICOM instances, known by their headers.

A header is read first, so that the pixels of what is not needed are never decoded. Instances are named by their
instance numbers; no identifier of the patient and no path is ever part of a message.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom import config
from pydicom.dataset import Dataset, FileDataset
from pydicom.errors import InvalidDicomError

from imaging.errors import UnreadableDicom, UnreadableMarking, UnreadableSeries

config.settings.reading_validation_mode = config.IGNORE
# pydicom would warn of elements that break a rule, and quote them: names and identifiers would get into logs.

IDENTITY = ("Modality", "SOPClassUID", "DirectoryRecordSequence")
"""Attributes of which each DICOM file has one."""


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """
    One DICOM instance.

    Attributes:
        source: Its file, or the bytes of it.
        header: All of it but the pixels.
    """

    source: Path | bytes
    header: FileDataset

    def whole(self) -> FileDataset:
        """All of it, read once more."""
        return pydicom.dcmread(_opened(self.source))


def files_below(folder: Path) -> list[Path]:
    """
    The files below a folder, except directories of DICOM media.

    Raises:
        UnreadableSeries: there is no such folder.
    """
    if not folder.is_dir():
        raise UnreadableSeries("no such folder; name a folder with DICOM files")
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "DICOMDIR"]


def read_instances(files: Iterable[Path | bytes]) -> list[Instance]:
    """
    The DICOM instances among files; what is in another format is passed over.

    Raises:
        UnreadableDicom: one begins as a DICOM file and goes on as none.
    """
    found = []
    for position, source in enumerate(files):
        try:
            header = pydicom.dcmread(_opened(source), stop_before_pixels=True)
            says_what_it_is = any(map(header.get, IDENTITY))
        except InvalidDicomError:
            continue
        except Exception as error:  # Damaged elements raise errors of many kinds.
            if _begins_as_dicom(source):
                raise _damaged(position) from error
            continue
        if not says_what_it_is:
            raise _damaged(position)
        header.buffer = None  # Nothing is read from it any more, and it would keep all bytes of the file.
        found.append(Instance(source, header))
    return found


def named(headers: Iterable[Dataset]) -> str:
    """What instances are called in a message: ``instance 12, 13``; five at most."""
    numbers = [_number(header) for header in headers]
    rest = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
    return "instance " + ", ".join(numbers[:5]) + rest


def field_of(header: Dataset, keyword: str) -> str:
    """The path of an attribute, for programs: ``instances[InstanceNumber=12].PixelSpacing``."""
    return f"instances[InstanceNumber={_number(header)}].{keyword}"


def uid_of(header: Dataset, keyword: str) -> str:
    """A UID, or nothing where it is absent or was emptied."""
    return str(header.get(keyword) or "")


def numbers_of(header: Dataset, keyword: str, count: int) -> NDArray[np.float64] | None:
    """The ``count`` finite numbers of an attribute; None where it has no such value."""
    try:
        values = np.atleast_1d(np.asarray(header.get(keyword), dtype=np.float64))
    except Exception:  # Damaged elements raise errors of many kinds.
        return None
    return values if values.shape == (count,) and np.isfinite(values).all() else None


def whole_number(dataset: Dataset, keyword: str, field: str) -> int:
    """
    A whole number that a SEG or RTSTRUCT must have; ``field`` is the path of the item that must hold it.

    Raises:
        UnreadableMarking: it has none.
    """
    value = numbers_of(dataset, keyword, 1)
    if value is None or value[0] != int(value[0]):
        raise UnreadableMarking(f"{field} lacks {keyword}", f"{field}.{keyword}")
    return int(value[0])


def items_of(dataset: Dataset, *keywords: str) -> list[Dataset]:
    """
    All items of a sequence, or of sequences within sequences; an absent one has none.

    Raises:
        UnreadableDicom: a sequence is damaged; pydicom does not look into one before it is asked for.
    """
    found = [dataset]
    for keyword in keywords:
        try:
            found = [item for outer in found for item in outer.get(keyword) or ()]
        except Exception as error:  # Damaged elements raise errors of many kinds.
            raise UnreadableDicom(f"{keyword} is damaged and cannot be read", keyword) from error
    return found


def _opened(source: Path | bytes) -> Path | BytesIO:
    return BytesIO(source) if isinstance(source, bytes) else source


def _damaged(position: int) -> UnreadableDicom:
    what = f"file {position + 1} of those given is damaged: it begins as DICOM, and its header ends too early"
    return UnreadableDicom(what, f"instances[{position}]")


def _begins_as_dicom(source: Path | bytes) -> bool:
    if isinstance(source, bytes):
        return source[128:132] == b"DICM"
    with source.open("rb") as stream:
        return stream.read(132)[128:] == b"DICM"


def _number(header: Dataset) -> str:
    try:
        return str(int(header["InstanceNumber"].value))
    except (KeyError, TypeError, ValueError):
        return "without number"
