"""
What a bridge needs of an archive, and sees of a study there.

Studies, series and instances go by ids that the archive chose. They are hashes: an id tells nobody who the patient is
unless he has the study already.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SeriesView:
    """
    A series in an archive.

    Attributes:
        id: In the archive.
        uid: Series Instance UID; it is never written down.
        modality: Such as ``CT``.
        instances: Ids, sorted.
    """

    id: str
    uid: str
    modality: str
    instances: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StudyView:
    """
    A study in an archive.

    Attributes:
        id: In the archive.
        quiet: Whether nothing has come for a while, so that it may be complete.
        series: All of it.
    """

    id: str
    quiet: bool
    series: tuple[SeriesView, ...]


@dataclass(frozen=True, slots=True)
class News:
    """
    What has changed in an archive.

    Attributes:
        studies: A stamp for each study that changed: another stamp is another state of it.
        position: Where the next news begin.
        more: Whether there are more at once.
    """

    studies: Mapping[str, str]
    position: int
    more: bool = False


class Archive(Protocol):
    """
    Holds studies, and takes results.

    Every method raises `service.pacs.faults.ArchiveAway` where the archive does not answer, and
    `service.pacs.faults.StudyFailed` where it answers and cannot do this one thing.
    """

    def start(self) -> int:
        """The position at which a bridge begins that has never run."""

    def news(self, position: int) -> News:
        """What has changed since a position."""

    def study(self, study: str) -> StudyView | None:
        """A study; None where it is no longer there."""

    def file(self, instance: str) -> bytes:
        """An instance, as DICOM file."""

    def store(self, study: str, content: bytes) -> None:
        """
        Take a result into a study; one that is there already is stored.

        Raises:
            NotToBeScored: it is refused for good.
        """

    def tidy(self, is_open: Callable[[str], bool]) -> None:
        """Drop what is not needed any more; told of a study whether something is left to do."""


def digest_of(text: str) -> str:
    """SHA-256 of an identifier."""
    return hashlib.sha256(text.encode()).hexdigest()
