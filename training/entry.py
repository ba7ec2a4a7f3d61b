"""Entries of a cache: arrays on disk, under the digest of all that they follow from."""

import hashlib
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.atomic import replacing


def entry_path(folder: Path, parts: Sequence[object]) -> Path:
    """Where the entry that follows from these JSON values is; other values are another entry."""
    return folder / f"{hashlib.sha256(json.dumps(parts).encode()).hexdigest()}.npz"


def write_entry(path: Path, **arrays: NDArray[Any]) -> None:
    """Write arrays by name; a process that is killed on the way leaves none."""
    with replacing(path) as draft:
        np.savez(draft, allow_pickle=False, **arrays)


def read_entry(path: Path, *names: str) -> tuple[NDArray[Any], ...] | None:
    """The named arrays; None where there is no entry, or a damaged one (zip keeps a checksum of each array)."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return tuple(arrays[name] for name in names)
    except (FileNotFoundError, zipfile.BadZipFile, ValueError, KeyError, EOFError):
        return None
