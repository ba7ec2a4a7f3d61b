"""Folders and tables of phantoms."""

import csv
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from training.errors import InvalidOptions


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """
    Give a draft to fill; it becomes ``out`` once the block ends well, and is removed otherwise.

    Raises:
        InvalidOptions: the folder exists.
    """
    if out.exists():
        raise InvalidOptions(f"{out} exists; choose another folder or remove it")
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    try:
        yield draft
        draft.chmod(0o755)
        draft.rename(out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write_table(path: Path, columns: Iterable[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a table in CSV with a header."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(columns))
        writer.writeheader()
        writer.writerows(rows)
