"""A SEG marks in the patient what it marks in its frames."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless

from imaging.dicom.segmentation import read_segmentation
from imaging.errors import UnknownMark, UnreadableMarking
from tests.imaging.dicom.markings import changed, segmentation
from tests.imaging.dicom.scene import CT, GRID, LAYERS, layer_points, marked_points
from tests.imaging.series import slices_of

NAMES = ("left", "right")
SLICES = slices_of(CT)
SEG = segmentation(SLICES, LAYERS, NAMES)


def read(seg, *names):
    """What a SEG marks."""
    return read_segmentation(changed(seg), names, GRID)


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_each_kind_marks_the_same(kind):
    """Each segment has a label; only planes that some segment needs are there."""
    marked = read(segmentation(SLICES, LAYERS, NAMES, kind))

    assert [(1, "left"), (2, "right")] == [(mark.label, mark.name) for mark in marked.marks]
    assert all(mark.tracking_uid for mark in marked.marks)
    for label, layer in enumerate(LAYERS, start=1):
        assert_allclose(layer_points(CT, layer), marked_points(marked.mask, label), atol=0.01)
    assert 6 == len(marked.mask.labels)


def test_a_fraction_of_one_half_is_in():
    """Half of Maximum Fractional Value and more is the node, less is not."""
    layer = np.zeros((1, *GRID.shape))
    layer[0, 3, 4, 4:8] = (0.25, 0.49, 0.5, 0.75)

    marked = read(segmentation(SLICES, layer, ["node"], "FRACTIONAL", max_fractional_value=200))

    assert [6, 7] == np.argwhere(marked.mask.labels)[:, 2].tolist()


def test_compressed_frames_are_decoded():
    """Fractional frames may be run-length encoded."""
    seg = segmentation(SLICES, LAYERS, NAMES, "FRACTIONAL", transfer_syntax_uid=RLELossless)

    assert_array_equal(read(SEG).mask.labels, read(seg).mask.labels)


def test_frames_may_come_in_any_order():
    """Reversed frames with their functional groups mark the same."""
    seg = changed(segmentation(SLICES, LAYERS, NAMES, "FRACTIONAL"))
    frames = np.frombuffer(seg.PixelData, np.uint8)[: seg.NumberOfFrames * 420].reshape(-1, 420)
    seg.PixelData = frames[::-1].tobytes()
    seg.PerFrameFunctionalGroupsSequence = seg.PerFrameFunctionalGroupsSequence[::-1]

    assert_array_equal(read(SEG).mask.labels, read(seg).mask.labels)


def test_several_frames_may_show_one_plane():
    """What any of them marks is the segment, and counts once where sizes are compared."""
    layers = np.zeros((2, *GRID.shape), dtype=bool)
    layers[0, 2, 4, 4:10], layers[0, 3, 4, 6:12] = True, True
    layers[1, 2, 4, 4:14] = True
    seg = changed(segmentation(SLICES, layers, NAMES))
    for groups in seg.PerFrameFunctionalGroupsSequence:
        groups.PlanePositionSequence = seg.PerFrameFunctionalGroupsSequence[0].PlanePositionSequence

    assert [1] * 8 + [2] * 2 == read(seg).mask.labels[0, 4, 4:14].tolist()


def test_overlapping_segments_share_by_size():
    """A voxel of two segments belongs to the smaller, and a notice says so."""
    large = LAYERS[0].copy()
    large[2:5, 1:15, 2:18] = True

    marked = read(segmentation(SLICES, np.stack([LAYERS[0], large]), ["node", "station"]))

    assert_allclose(layer_points(CT, LAYERS[0]), marked_points(marked.mask, 1), atol=0.01)
    assert ("'node', 'station' overlap; a voxel of several belongs to the smallest",) == marked.notices


def test_a_segment_keeps_its_label_when_it_is_chosen():
    """Only the frames of chosen segments count."""
    marked = read(SEG, "Right")

    assert 2 == len(marked.mask.labels)
    assert {0, 2} == set(marked.mask.labels.flat)
    with pytest.raises(UnknownMark, match="there is 'left', 'right'"):
        read(SEG, "liver")


class TestRefusals:
    @pytest.mark.parametrize(
        ("seg", "says"),
        [
            (changed(SEG, SegmentationType="SURFACE"), "does not say whether it is binary"),
            (changed(SEG, PixelData=SEG.PixelData[:40]), "pixels of the segmentation cannot be decoded"),
            (changed(SEG, NumberOfFrames=9), r"frames\[6\] lacks ReferencedSegmentNumber"),
            (changed(SEG, SegmentSequence=[Dataset()]), "segments lacks SegmentNumber"),
            (changed(SEG, Rows=None), "marking lacks Rows"),
            (changed(SEG, SegmentationType="FRACTIONAL"), "lacks MaximumFractionalValue"),
        ],
    )
    def test_what_is_wrong_is_named(self, seg, says):
        """Each defect in words of its own."""
        with pytest.raises(UnreadableMarking, match=says):
            read_segmentation(seg, (), GRID)

    def test_a_segment_without_frames(self):
        """A chosen segment that is nowhere is an error."""
        seg = changed(segmentation(SLICES, LAYERS * np.reshape([1, 0], (2, 1, 1, 1)), NAMES))

        assert ("'right' was passed over: it has no voxel",) == read(seg).notices
        with pytest.raises(UnreadableMarking, match="no frame of these segments"):
            read(seg, "right")
