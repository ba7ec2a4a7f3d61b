"""
Studies that were sent to a bridge, in a folder: ``<study>/<series>/<instance>.dcm``, each name the hash of a UID.

A file is written beside its place, brought to the disk and renamed before its arrival is confirmed, so that the folder
holds whole files only, and all that were confirmed.
"""

import io
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from uuid import uuid4

import pydicom
from pydicom.dataset import Dataset

from imaging.atomic import sync_folder
from service.faults import CannotStart
from service.pacs.archive import News, SeriesView, StudyView, digest_of
from service.pacs.faults import StudyFailed

HEADER = ["SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "Modality"]

DRAFTS = ".drafts"
"""Folder of what is being written or dropped."""


class SpoolFull(Exception):
    """There is no room for another instance."""


class Spool:
    """
    The folder; as an archive, its results go to a peer.

    Args:
        folder: Is made where it is not.
        send: Takes a result to the peer, as DICOM file.
        quiet_s: A study is complete when nothing has come for so long.
        limit_bytes: Largest content.
        keep_s: A study is dropped when nothing has come for so long, and nothing is left to do.

    Raises:
        CannotStart: the folder cannot be made, or written.
    """

    def __init__(
        self, folder: Path, send: Callable[[bytes], None], quiet_s: float, limit_bytes: int, keep_s: float
    ) -> None:
        self._folder = folder
        self._drafts = folder / DRAFTS
        self._send = send
        self._quiet_s = quiet_s
        self._limit_bytes = limit_bytes
        self._keep_s = keep_s
        shutil.rmtree(self._drafts, ignore_errors=True)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._drafts.mkdir(mode=0o700)
        except OSError as error:
            raise CannotStart(f"--spool {folder}: cannot be used ({error.strerror}); name another folder") from error
        self._used_bytes = sum(path.stat().st_size for path in folder.rglob("*.dcm"))
        # Instances come in threads of their own, and old studies are dropped in another.
        self._lock = Lock()

    def add(self, content: bytes) -> None:
        """
        Take an instance; when this returns, it is on the disk. One that is there already is replaced.

        Args:
            content: A DICOM file.

        Raises:
            SpoolFull: there is no room for it.
            ValueError: it has no UIDs.
        """
        header = pydicom.dcmread(io.BytesIO(content), specific_tags=list(HEADER), stop_before_pixels=True)
        instance, series, study = (str(header.get(name) or "") for name in HEADER[:3])
        if not instance or not series or not study:
            raise ValueError("an instance lacks a UID")
        path = self._folder / digest_of(study) / digest_of(series) / f"{digest_of(instance)}.dcm"
        draft = self._drafts / uuid4().hex
        with self._lock:
            if self._used_bytes + len(content) > self._limit_bytes:
                raise SpoolFull
            self._used_bytes += len(content)
        try:
            _write(draft, content)
            with self._lock:
                for folder in (path.parent.parent, path.parent):
                    folder.mkdir(exist_ok=True, mode=0o700)
                replaced_bytes = path.stat().st_size if path.exists() else 0
                draft.replace(path)
                self._used_bytes -= replaced_bytes
            for folder in (path.parent, path.parent.parent, self._folder):
                sync_folder(folder)
        except OSError as error:
            draft.unlink(missing_ok=True)
            with self._lock:
                self._used_bytes -= len(content)
            raise SpoolFull from error

    def start(self) -> int:
        """The position at which a bridge begins that has never run."""
        return 0

    def news(self, position: int) -> News:
        """All studies; the stamp of one changes with each instance that comes."""
        return News({folder.name: str(_changed_ns(folder)) for folder in self._studies()}, position)

    def study(self, study: str) -> StudyView | None:
        """A study; None where it was dropped."""
        folder = self._folder / study
        if not folder.is_dir():
            return None
        quiet = _age_s(folder) >= self._quiet_s
        return StudyView(study, quiet, tuple(map(_series, sorted(folder.iterdir()))))

    def file(self, instance: str) -> bytes:
        """An instance, as DICOM file."""
        try:
            return (self._folder / instance).read_bytes()
        except OSError as error:
            raise StudyFailed(f"an instance cannot be read from the spool ({error.strerror})") from error

    def store(self, study: str, content: bytes) -> None:
        """Send a result to the peer."""
        self._send(content)

    def tidy(self, is_open: Callable[[str], bool]) -> None:
        """Drop the studies to which nothing has come for long, and that have nothing left to do."""
        dropped = []
        for folder in self._studies():
            with self._lock:
                if _age_s(folder) > self._keep_s and not is_open(folder.name):
                    dropped.append(folder.rename(self._drafts / uuid4().hex))
        for folder in dropped:
            freed_bytes = sum(path.stat().st_size for path in folder.rglob("*.dcm"))
            shutil.rmtree(folder, ignore_errors=True)
            with self._lock:
                self._used_bytes -= freed_bytes

    def _studies(self) -> list[Path]:
        return [path for path in sorted(self._folder.iterdir()) if path.is_dir() and path.name != DRAFTS]


def _changed_ns(study: Path) -> int:
    """When an instance came last: a folder changes when a file is renamed into it."""
    return max(path.stat().st_mtime_ns for path in (study, *study.iterdir()))


def _age_s(study: Path) -> float:
    return time.time() - _changed_ns(study) / 1e9


def _series(folder: Path) -> SeriesView:
    files = sorted(folder.glob("*.dcm"))
    instances = tuple(f"{folder.parent.name}/{folder.name}/{path.name}" for path in files)
    header = pydicom.dcmread(files[0], specific_tags=list(HEADER), stop_before_pixels=True) if files else Dataset()
    return SeriesView(folder.name, str(header.get("SeriesInstanceUID", "")), str(header.get("Modality", "")), instances)


def _write(path: Path, content: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
