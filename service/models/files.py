"""The model files in a folder."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from service.faults import CannotStart

FILE_NAME = "model.onnx"

VERSION = re.compile(r"[1-9][0-9]{0,8}")
"""Names of version folders; others are no versions, as for Triton."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a file system tells of a file without reading it; where it is the same, so is the content."""

    modified_ns: int
    changed_ns: int
    size: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> "Stamp":
        """
        The stamp of a file.

        Raises:
            OSError: there is no such file any more.
        """
        told = path.stat()
        return cls(told.st_mtime_ns, told.st_ctime_ns, told.st_size, told.st_ino)


@dataclass(frozen=True, slots=True, order=True)
class ModelFile:
    """A model file, and the name and version that its folders give it."""

    name: str
    version: int
    path: Path

    def digest(self) -> str:
        """
        SHA-256 of its content.

        Raises:
            OSError: it cannot be read.
        """
        with self.path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()


def files_in(folder: Path) -> tuple[ModelFile, ...]:
    """
    All ``<name>/<version>/model.onnx``, by name and version.

    Raises:
        CannotStart: there is no such folder.
    """
    if not folder.is_dir():
        raise CannotStart(f"--models {folder}: no such folder; make models with nodelens-train export")
    paths = [path for path in folder.glob(f"*/*/{FILE_NAME}") if VERSION.fullmatch(path.parent.name)]
    return tuple(sorted(ModelFile(path.parent.parent.name, int(path.parent.name), path) for path in paths))
