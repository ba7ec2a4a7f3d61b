"""A structure set marks the voxels whose centres its contours enclose."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from pydicom.uid import generate_uid

from imaging.dicom.structures import read_structures
from imaging.errors import OtherFrame, UnknownMark, UnreadableMarking
from tests.imaging.dicom.markings import ball, changed, ring, structure_set
from tests.imaging.dicom.scene import CT, GRID
from tests.imaging.series import slices_of

SLICES = slices_of(CT)
MIDDLE = (10.0, 10.0)
POINTS = GRID.points_at(np.indices(GRID.shape).reshape(3, -1).T)


def read(rois, *names, **changes):
    """What a structure set marks."""
    return read_structures(changed(structure_set(SLICES, rois, **changes)), names, SLICES, GRID)


def discs(*slices, radius=5.0):
    """Contours of one disc on several slices."""
    return [ring(GRID, k, MIDDLE, radius) for k in slices]


def test_the_voxels_within_are_marked():
    """Of a ball, those whose centres are nearer to its centre than its radius."""
    centre = (17.9, -12.3, 39.0)

    marked = read({"ball": ball(GRID, centre, 6.0)})

    assert_array_equal(((POINTS - centre) ** 2).sum(axis=1) < 36, marked.mask.labels.ravel() == 1)


def test_a_quarter_of_a_pixel_decides():
    """Vertices are not rounded to pixels."""
    corners = np.asarray([(3.75, 3.75), (3.75, 6.25), (6.25, 6.25), (6.25, 3.75)])
    narrow, wide = ([GRID.points_at([(4, *c) for c in (corners - 5) * scale + 5])] for scale in (0.75, 1.0))

    assert 1 == np.count_nonzero(read({"narrow": narrow}).mask.labels)
    assert 9 == np.count_nonzero(read({"wide": wide}).mask.labels)


@pytest.mark.parametrize("kind", ["CLOSED_PLANAR", "CLOSEDPLANAR_XOR"])
def test_a_contour_within_another_is_a_hole(kind):
    """Under both types."""
    structures = structure_set(SLICES, {"ring": [*discs(3), *discs(3, radius=2.0)]})
    for item in structures.ROIContourSequence[0].ContourSequence:
        item.ContourGeometricType = kind

    labels = read_structures(structures, (), SLICES, GRID).mask.labels

    assert [0, 1] == [labels[3, 10, 10], labels[3, 10, 13]]


def test_rois_are_chosen_by_name():
    """Each keeps its label; what is not asked for is not even looked at."""
    structures = structure_set(SLICES, {"couch": discs(20), "Node 1": discs(2, 3), "Node 2": discs(6, 7, radius=2.0)})

    marked = read_structures(structures, ["node 2"], SLICES, GRID)

    assert [(3, "Node 2")] == [(mark.label, mark.name) for mark in marked.marks]
    with pytest.raises(UnknownMark, match="there is 'couch', 'Node 1', 'Node 2'"):
        read_structures(structures, ["node 3"], SLICES, GRID)


def test_overlapping_rois_share_by_size():
    """The smaller takes what both have, and a notice says so."""
    marked = read({"node": discs(3, radius=2.0), "station": discs(2, 3, 4)})

    assert [2, 1, 2] == marked.mask.labels[2:5, 10, 10].tolist()
    assert ("'node', 'station' overlap; a voxel of several belongs to the smallest",) == marked.notices


def test_rois_that_enclose_nothing_are_passed_over():
    """Without contours, or with points only; a notice names each."""
    structures = structure_set(SLICES, {"empty": [], "isocentre": discs(4), "node": discs(3)})
    structures.ROIContourSequence[1].ContourSequence[0].ContourGeometricType = "POINT"

    marked = read_structures(structures, (), SLICES, GRID)

    assert ["node"] == [mark.name for mark in marked.marks]
    assert (
        "'isocentre' was passed over: it has points or open lines only",
        "'empty' was passed over: it has no voxel",
    ) == marked.notices
    with pytest.raises(UnreadableMarking, match="contour 1 of 'isocentre' is a point"):
        read_structures(structures, ["isocentre"], SLICES, GRID)


def test_specks_are_passed_over():
    """A contour of two points, which planning systems leave behind, encloses nothing and spoils nothing."""
    marked = read({"node": [*discs(2, 3), discs(6)[0][:2]]})

    assert [2, 3] == np.flatnonzero(marked.mask.labels.any(axis=(1, 2))).tolist()
    assert ("contours of 'node' were passed over: they have one or two points",) == marked.notices


class TestUndrawnSlices:
    def test_one_gap_is_told(self):
        """Slices between contours stay as they were drawn: two nodes may share a ROI."""
        marked = read({"node": discs(2, 3, 6, 7)})

        assert [2, 3, 6, 7] == np.flatnonzero(marked.mask.labels.any(axis=(1, 2))).tolist()
        assert ("'node' is not drawn on some slices between its contours; they are left unmarked",) == marked.notices

    def test_every_second_slice_is_refused(self):
        """What is drawn on no two slices side by side would fall apart into as many nodes."""
        with pytest.raises(UnreadableMarking, match="'node' is drawn on no two slices side by side; interpolate"):
            read({"node": discs(1, 3, 5)})


class TestRefusals:
    def test_a_roi_in_another_frame_of_reference(self):
        """A structure set may hold ROIs of several images."""
        structures = structure_set(SLICES, {"node": discs(3), "in the MR": discs(4)})
        structures.StructureSetROISequence[1].ReferencedFrameOfReferenceUID = generate_uid()

        assert 1 == read_structures(structures, ["node"], SLICES, GRID).mask.labels.max()
        with pytest.raises(OtherFrame, match="'in the MR' lies in another frame of reference"):
            read_structures(structures, (), SLICES, GRID)

    def test_a_roi_without_a_number(self):
        """Contours that belong to no ROI cannot be read."""
        structures = structure_set(SLICES, {"node": discs(3)})
        del structures.ROIContourSequence[0].ReferencedROINumber

        with pytest.raises(UnreadableMarking, match=r"marking\.rois lacks ReferencedROINumber"):
            read_structures(structures, (), SLICES, GRID)

    def test_nothing_is_drawn(self):
        """A structure set without contours marks nothing."""
        with pytest.raises(UnreadableMarking, match="nothing is marked"):
            read({"node": []})
