"""A CT and the nodes marked in it, as DICOM instances hold them."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from imaging.mask import NodeMask
from imaging.volume import Volume

MANUFACTURER = "NodeLens"
"""Manufacturer (0008,0070) of the objects that we write; a segmentation of ours is never read as a marking."""


@dataclass(frozen=True, slots=True)
class Mark:
    """
    One structure that somebody marked.

    Attributes:
        label: Its value in the mask: its place in the segmentation or structure set, from 1.
        name: What the segmentation or structure set calls it.
        tracking_uid: Its Tracking UID (0062,0021), or empty.
    """

    label: int
    name: str
    tracking_uid: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class DicomStudy:
    """
    One CT series with one SEG or RTSTRUCT that refers to it.

    Attributes:
        volume: The CT, in HU; its first axis follows the slice normal.
        mask: What is marked: each mark has a label of its own. A voxel of several marks belongs to the smallest.
        marks: What the labels stand for, by label; each has a voxel.
        slices: The CT's datasets without their pixels, in the order of the volume's first axis.
        marking: The dataset of the SEG or RTSTRUCT, without pixels.
        notices: What a reader must know about how it was read, a sentence each.
    """

    volume: Volume
    mask: NodeMask
    marks: tuple[Mark, ...]
    slices: tuple[Dataset, ...]
    marking: Dataset
    notices: tuple[str, ...] = ()
