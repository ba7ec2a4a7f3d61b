"""
The cases of a cohort, from a folder.

Recognised, at any depth, with the suffixes that `imaging.files` reads:

* ``ct`` or ``image`` with ``mask`` in one folder
* ``NAME_ct``, ``NAME_image`` or ``NAME`` with ``NAME_mask`` in one folder (``-`` and ``.`` do for ``_``)
* ``images/NAME`` with ``masks/NAME``

A mask without its image, and an image without its mask, become cases with a problem.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from service.batch.case import Case
from service.batch.cases import Cohort, is_synthetic
from service.batch.faults import InvalidCohort
from service.batch.journal import JOURNAL
from service.batch.naming import SUFFIXES, names_of, stem_of

IMAGE = re.compile(r"(?:(.*)[_.-])?(?:ct|image)", re.IGNORECASE)
MASK = re.compile(r"(?:(.*)[_.-])?mask", re.IGNORECASE)
IMAGES, MASKS = "images", "masks"

Key = tuple[Path, str]
"""What an image and its mask have in common: a folder, and a name that may be empty."""


def read_tree(root: Path) -> Cohort:
    """
    Find images and their masks below a folder, in the order of their names.

    Raises:
        InvalidCohort: no such folder, or nothing in it is recognised.
    """
    if not root.is_dir():
        raise InvalidCohort(f"{root}: no such folder")
    images, masks = _sorted_out(root)
    keys = sorted({*images, *masks})
    if not keys:
        raise InvalidCohort(
            f"{root} has no image with a mask: name them ct.nii.gz and mask.nii.gz in a folder of the case, "
            "NAME_ct.nii.gz and NAME_mask.nii.gz, or images/NAME.nii.gz and masks/NAME.nii.gz; or give --dicom"
        )
    names = names_of([images.get(key) or masks[key] for key in keys], root)
    cases = tuple(_case(name, images.get(key), masks.get(key)) for name, key in zip(names, keys, strict=True))
    return Cohort(cases, synthetic=is_synthetic(root))


def _sorted_out(root: Path) -> tuple[dict[Key, Path], dict[Key, Path]]:
    """Images and masks by what they have in common."""
    images: dict[Key, Path] = {}
    masks: dict[Key, Path] = {}
    for path in _files(root):
        stem, parent = stem_of(path), path.parent.name.lower()
        if parent in (IMAGES, MASKS):
            (images if parent == IMAGES else masks).setdefault((path.parent.parent, stem), path)
        elif mask := MASK.fullmatch(stem):
            masks.setdefault((path.parent, mask[1] or ""), path)
        else:
            image = IMAGE.fullmatch(stem)
            images.setdefault((path.parent, (image[1] or "") if image else stem), path)
    return images, masks


def _files(root: Path) -> Iterator[Path]:
    """All images, but for the heat maps of a batch."""
    results = {path.parent for path in root.rglob(JOURNAL)}
    for path in sorted(root.rglob("*")):
        if path.name.lower().endswith(SUFFIXES) and path.is_file() and results.isdisjoint(path.parents):
            yield path


def _case(name: str, image: Path | None, mask: Path | None) -> Case:
    if image is None:
        assert mask is not None
        return Case(name, mask, mask, problem=f"{mask} has no image beside it")
    if mask is None:
        return Case(name, image, image, problem=f"{image} has no mask beside it")
    return Case(name, image, mask)


def read_studies(root: Path, names: Sequence[str] = (), marking: str = "") -> Cohort:
    """
    Each folder in a folder is a DICOM study, in the order of their names.

    Args:
        root: Where the folders are.
        names: Segment Labels or ROI Names that are nodes; all where there is none.
        marking: Which SEG or RTSTRUCT of a study that has several; `imaging.dicom.reader` says how.

    Raises:
        InvalidCohort: no such folder, or no folder in it.
    """
    found = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    studies = [path for path in found if not (path / JOURNAL).exists()]
    if not studies:
        raise InvalidCohort(f"{root}: no such folder, or no folder of a DICOM study in it")
    named = zip(names_of(studies, root), studies, strict=True)
    cases = [Case(name, study, None, structures=tuple(names), marking=marking) for name, study in named]
    return Cohort(tuple(cases))
