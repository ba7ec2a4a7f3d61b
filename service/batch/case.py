"""One case of a cohort: a CT with its mask, and what is known about its nodes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imaging.ct import read_ct
from imaging.dicom.reader import read_study_folder
from imaging.errors import ImagingError
from imaging.files import read_mask
from imaging.mask import NodeMask, require_values
from imaging.volume import Volume
from service.batch.faults import UnusableCase

ALL_NODES = 0
"""In place of a node's value in the mask, where the value of the background is free: what is said of every node."""

Stamp = list[list[int]]
"""Size in bytes and time of change in ns of each of a case's files, by name; it tells whether they were changed."""


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """
    What is on disk of a case.

    Attributes:
        volume: The CT.
        mask: Its nodes.
        stamp: Of the files, before they were read.
        notices: What one must know about how they were read, a sentence each.
    """

    volume: Volume
    mask: NodeMask
    stamp: Stamp
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """
    A CT and the mask of its nodes.

    Attributes:
        name: Names its results: letters, digits, ``.``, ``-`` and ``_``. No two cases of a cohort share it.
        image: File of the CT, or folder of its DICOM series.
        mask: File of the mask; None where ``image`` is the folder of a DICOM study that marks the nodes itself.
        patient: Whose it is; empty if nobody says.
        labels: 1 metastatic, 0 benign, by the node's value in the mask; `ALL_NODES` is each of them.
        nodes: Values that the mask must have.
        structures: Segment Labels or ROI Names of a DICOM study that are nodes; empty is all.
        marking: Which SEG or RTSTRUCT of a DICOM study is meant; empty where there is one.
        problem: Why it cannot be scored, known before a file was read; empty if nothing is.
    """

    name: str
    image: Path
    mask: Path | None
    patient: str = ""
    labels: Mapping[int, int] = field(default_factory=dict)
    nodes: tuple[int, ...] = ()
    structures: tuple[str, ...] = ()
    marking: str = ""
    problem: str = ""

    def label_of(self, node: int) -> int | None:
        """What is known about a node; None if nothing is."""
        return self.labels.get(node, self.labels.get(ALL_NODES))

    def read(self) -> Images:
        """
        What is on disk.

        Raises:
            UnusableCase: it has a problem, or a file may not be read.
            ImagingError: a file is missing, or is not what it should be.
        """
        if self.problem:
            raise UnusableCase(self.problem)
        try:
            images = self._images(self.stamp())
        except ImagingError:
            raise
        except Exception as error:  # What may not be read, is damaged or too large raises errors of many kinds.
            raise UnusableCase(f"{self.image} cannot be read: {error or type(error).__name__}") from error
        require_values(images.mask, sorted(set(self.nodes)), "value")
        return images

    def stamp(self) -> Stamp:
        """Of its files as they are now."""
        return [
            [stat.st_size, stat.st_mtime_ns]
            for stat in (path.stat() for path in _files(filter(None, [self.image, self.mask])))
        ]

    def to_dict(self) -> dict[str, Any]:
        """All that identifies it, as plain values."""
        return {
            "name": self.name,
            "image": str(self.image),
            "mask": str(self.mask) if self.mask else None,
            "patient": self.patient,
            "labels": sorted(self.labels.items()),
            "nodes": self.nodes,
            "structures": self.structures,
            "marking": self.marking,
        }

    def _images(self, stamp: Stamp) -> Images:
        if self.mask is None:
            study = read_study_folder(self.image, self.structures, self.marking)
            return Images(study.volume, study.mask, stamp, study.notices)
        return Images(read_ct(self.image), read_mask(self.mask), stamp)


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (each for each in found if each.is_file())
