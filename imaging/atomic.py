"""Files that appear whole or not at all."""

import csv
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

DRAFT = ".draft-"
"""How folders begin that hold what is being written; a process that is killed leaves them."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """
    Give a draft to write; it takes the place of ``path`` once the block ends well.

    A process that is killed on the way leaves the former file as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=DRAFT) as folder:
        draft = Path(folder) / path.name
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(draft, path)


def sync_folder(folder: Path) -> None:
    """Make the names of new files last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path, text: str) -> None:
    """Replace a text file."""
    with replacing(path) as draft:
        draft.write_text(text, encoding="utf-8")


def write_rows(path: Path, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    """Replace a table in CSV."""
    with replacing(path) as draft, draft.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
