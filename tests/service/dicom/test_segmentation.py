"""Segments are the reader's marks, on the CT's slices."""

from dataclasses import replace
from io import BytesIO

import highdicom as hd
import numpy as np
import pytest
from numpy.testing import assert_array_equal
from pydicom.sr.codedict import codes

from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.node import Node
from imaging.separation import NodeSeparation, find_nodes
from service.dicom.basis import Basis
from service.dicom.objects import file_of
from service.dicom.segmentation import segmentation, segments_on
from tests.imaging.scenes import ellipsoids
from tests.service.dicom.conforming import errors_of
from tests.service.dicom.studies import LABELS, ORDERS, answer, model, study
from tests.service.scans import GRID, LARGE_MM


def based(told):
    """The basis of a study."""
    return Basis.of(told, answer(told, model()), model(), LABELS)


@pytest.mark.parametrize("order", ORDERS)
def test_segments_equal_the_mask_on_the_right_slices(order):
    """Read by another library, each voxel of a scored node lies where the reader marked it, and no other."""
    told = study(ORDERS[order])

    read = hd.seg.segread(BytesIO(file_of(segmentation(based(told)))))

    uids = [one.SOPInstanceUID for one in told.slices]
    pixels = read.get_pixels_by_source_instance(uids, combine_segments=True, assert_missing_frames_are_empty=True)
    assert_array_equal(np.where(told.mask.labels == 3, 0, told.mask.labels), pixels)


def test_each_segment_says_what_it_is(segments):
    """A lymph node, an anatomical structure, tracked as in the report; who drew it is not said to be a network."""
    first, second = segments.SegmentSequence

    assert ["Node 1 (station 7)", "Node 2 (hilar)"] == [first.SegmentLabel, second.SegmentLabel]
    assert "1.2.3.4" == second.TrackingUID
    assert "SEMIAUTOMATIC" == first.SegmentAlgorithmType
    assert codes.SCT.LymphNode == hd.sr.CodedConcept.from_dataset(first.SegmentedPropertyTypeCodeSequence[0])


def test_a_mask_on_another_grid_is_carried_over_by_place():
    """A finer, shifted mask marks the same node: most voxels agree with the mask of the CT's own grid."""
    told = study()
    fine = Geometry((90, 120, 128), (0.5, 0.4, 0.375), (-20.1, 10.1, 29.9))
    shape = (LARGE_MM, (5.0, 4.0, 4.5))
    moved = replace(told, mask=ellipsoids(fine, shape))

    read = hd.seg.segread(BytesIO(file_of(segmentation(based(moved)))))

    uids = [one.SOPInstanceUID for one in told.slices]
    pixels = read.get_pixels_by_source_instance(uids, combine_segments=True, assert_missing_frames_are_empty=True) > 0
    expected = ellipsoids(GRID, shape).labels > 0
    assert 2 * (pixels & expected).sum() / (pixels.sum() + expected.sum()) > 0.95


class TestGrid:
    def test_a_part_of_the_grid_is_enough(self):
        """A mask of a sub-box gives the voxels of the whole mask."""
        mask = ellipsoids(GRID, (LARGE_MM, (5.0, 4.0, 4.5)))
        part = mask.cropped((slice(5, 25), slice(10, 50), slice(12, 60)))

        [node] = find_nodes(part, NodeSeparation.LABELS)

        assert_array_equal(mask.labels, segments_on(GRID, [node]))

    def test_a_thin_node_is_not_lost(self):
        """One that lies between the CT's slices gets the voxel nearest to its middle."""
        [z] = GRID.points_at([(10.5, 20, 20)])[:, 2]
        place = Geometry((1, 2, 2), (0.1, 0.1, 0.1), (*GRID.points_at([(10, 20, 20)])[0, :2].tolist(), z - 0.3))
        marked = segments_on(GRID, [Node(1, np.ones((1, 2, 2), bool), place)])

        assert [[10, 20, 20]] == np.argwhere(marked).tolist()

    def test_touching_nodes_stay_apart(self):
        """Two labels side by side are two segments, each with its own voxels."""
        labels = np.zeros(GRID.shape, np.uint8)
        labels[4:8, 4:8, 4:8], labels[4:8, 4:8, 8:12] = 1, 2

        nodes = find_nodes(NodeMask(labels, GRID), NodeSeparation.LABELS)

        assert_array_equal(labels, segments_on(GRID, nodes))


@pytest.mark.parametrize("order", ORDERS)
def test_it_conforms(order, tmp_path):
    """An independent checker finds no error."""
    assert [] == errors_of(segmentation(based(study(ORDERS[order]))), tmp_path)
