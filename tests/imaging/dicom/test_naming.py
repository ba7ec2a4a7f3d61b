"""What nodes are called."""

from dataclasses import replace

import numpy as np
from pydicom.dataset import Dataset

from imaging.dicom.naming import names_of
from imaging.dicom.study import DicomStudy, Mark
from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.separation import NodeSeparation, find_nodes
from imaging.volume import Volume
from tests.imaging.scenes import OBLIQUE

GRID = Geometry((6, 10, 12), (3.0, 0.9, 0.8), (5.0, -7.0, 100.0), OBLIQUE)
MARKS = (Mark(1, "station 7"), Mark(2, "hilar"), Mark(3, "hilar"))


def study():
    """Three marks: 1 and 2 touch, and 2 is larger; 3 lies alone."""
    labels = np.zeros(GRID.shape, np.uint8)
    labels[1, 2, 2:4], labels[1, 2, 4:8], labels[4, 8, 9] = 1, 2, 3
    return DicomStudy(Volume(np.zeros(GRID.shape, np.int16), GRID), NodeMask(labels, GRID), MARKS, (), Dataset())


def test_a_label_has_the_name_of_its_mark():
    """Two marks may be called the same."""
    nodes = find_nodes(study().mask, NodeSeparation.LABELS)

    assert {1: ("station 7",), 2: ("hilar",), 3: ("hilar",)} == names_of(nodes, study())


def test_a_component_has_the_names_of_all_its_marks():
    """That of which it has most voxels comes first."""
    assert {1: ("hilar", "station 7"), 2: ("hilar",)} == names_of(find_nodes(study().mask), study())


def test_a_study_without_marks_has_no_names():
    """An empty mask has no nodes."""
    empty = replace(study(), mask=NodeMask(np.zeros(GRID.shape, np.uint8), GRID), marks=())

    assert {} == names_of(find_nodes(empty.mask), empty)
