"""Names of cases, by which their results are found."""

import re
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path

UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
"""What a file name should not have on every system."""

SUFFIXES = (".nii.gz", ".nii", ".nrrd", ".mha", ".mhd")
"""Of the images that can be read."""


def stem_of(path: Path) -> str:
    """A file's name without the suffix of an image."""
    suffix = next((suffix for suffix in SUFFIXES if path.name.lower().endswith(suffix)), "")
    return path.name[: len(path.name) - len(suffix)]


def names_of(images: Sequence[Path], root: Path) -> list[str]:
    """
    A name for each image, different from all others.

    The image's own name, or else its folder's, or else its path below the root: the first that tells all files apart.
    Where one image stands several times, the later ones are numbered.
    """
    paths = [_below(path, root) for path in images]
    ways = (
        [stem_of(path) for path in paths],
        [path.parent.name for path in paths],
        ["-".join([*path.parent.parts, stem_of(path)]) for path in paths],
    )
    distinct = len(set(paths))
    chosen = next((names for names in ways if all(names) and len(set(map(_safe, names))) == distinct), ways[-1])
    return list(_numbered([_safe(name) for name in chosen]))


def _below(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path


def _safe(name: str) -> str:
    # A leading dot would hide the results.
    return UNSAFE.sub("-", name).strip("-.") or "case"


def _numbered(names: Sequence[str]) -> Iterator[str]:
    taken: set[str] = set()
    for name in names:
        others = (f"{name}-{n}" for n in count(2))
        free = name if name not in taken else next(other for other in others if other not in {*taken, *names})
        taken.add(free)
        yield free
