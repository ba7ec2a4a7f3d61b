"""
The DICOM files that `nodelens-score --dicom-out` leaves.

``sr.dcm``, ``parametric-map.dcm``, ``seg.dcm``, and ``sc-1.dcm`` and so on: a picture of each scored node. They name
the patient, as the study does that they belong to.
"""

import re
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from service.dicom.answer import DicomObject
from service.dicom.kinds import ResultKind

OURS = re.compile(r"(sr|parametric-map|seg|sc-\d+)\.dcm")


def save_objects(folder: Path, objects: Sequence[DicomObject]) -> None:
    """
    Write all objects, or none; those of an earlier run are replaced.

    Args:
        folder: Where to write; made if missing. Other files in it are left alone.
        objects: What to write.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".nodelens-") as drafts:
        pictures = count(1)
        for each in objects:
            name = f"sc-{next(pictures)}" if each.kind is ResultKind.SC else each.kind.value
            (Path(drafts) / f"{name}.dcm").write_bytes(each.data)
        for old in folder.iterdir():
            if OURS.fullmatch(old.name):
                old.unlink()
        for new in sorted(Path(drafts).iterdir()):
            new.replace(folder / new.name)
