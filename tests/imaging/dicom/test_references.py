"""A marking belongs to the CT that it names, and to no other."""

import pytest
from pydicom.uid import CTImageStorage, MRImageStorage, generate_uid

from imaging.dicom.instances import read_instances
from imaging.dicom.references import References, references_of, referred, require_belonging
from imaging.errors import AbsentInstances, OtherFrame
from tests.imaging.dicom.markings import ball, changed, segmentation, stored, structure_set
from tests.imaging.dicom.scene import CT, GRID, LAYERS
from tests.imaging.series import slices_of

SLICES = slices_of(CT)
UID = str(SLICES[0].SeriesInstanceUID)
FRAME = str(SLICES[0].FrameOfReferenceUID)
SOPS = frozenset(str(s.SOPInstanceUID) for s in SLICES)
INSTANCES = read_instances(stored(*SLICES))

SEG = segmentation(SLICES, LAYERS, ("left", "right"))
RTSTRUCT = structure_set(SLICES, {"node": ball(GRID, (17.0, -12.0, 40.0), 5.0)})


@pytest.mark.parametrize("marking", [SEG, RTSTRUCT])
def test_series_instances_and_frame_are_found(marking):
    """In segmentations and structure sets alike; frames and contours name instances of the series."""
    references = references_of(changed(marking))

    assert {UID: SOPS} == dict(references.series)
    assert references.drawn_on
    assert references.drawn_on < SOPS
    assert {FRAME} == references.frames
    assert not references.others


def test_images_that_are_no_ct_are_no_reference_to_one():
    """A segmentation of an MR in the same frame of reference belongs to no CT."""
    seg = changed(SEG)
    for series in seg.ReferencedSeriesSequence:
        for item in series.ReferencedInstanceSequence:
            item.ReferencedSOPClassUID = MRImageStorage
    del seg.PerFrameFunctionalGroupsSequence

    references = references_of(seg)

    assert references.others
    assert not references.instances
    assert [] == referred(references, {UID: INSTANCES})


class TestReferred:
    def test_a_series_is_named_by_its_uid_or_its_instances(self):
        """Either will do; another series in the same frame of reference is not meant."""
        other = {"2.25.1": read_instances(stored(*slices_of(CT, FrameOfReferenceUID=FRAME)))}
        by_series = References({UID: frozenset()}, frozenset(), frozenset(), others=False)
        by_instance = References({}, frozenset([SLICES[2].SOPInstanceUID]), frozenset(), others=False)

        assert [UID] == referred(by_series, {UID: INSTANCES, **other})
        assert [UID] == referred(by_instance, {UID: INSTANCES, **other})

    def test_a_frame_of_reference_is_the_last_resort(self):
        """It counts only where no image is named at all."""
        unnamed = References({}, frozenset(), frozenset([FRAME]), others=False)
        elsewhere = References({}, frozenset(["2.25.2"]), frozenset([FRAME]), others=False)

        assert [UID] == referred(unnamed, {UID: INSTANCES})
        assert [] == referred(elsewhere, {UID: INSTANCES})


class TestBelonging:
    def test_all_instances_are_there(self):
        """Nothing need be said."""
        assert () == require_belonging(references_of(SEG), UID, INSTANCES)

    def test_some_instances_are_missing(self):
        """The series is incomplete, and the number is told."""
        with pytest.raises(AbsentInstances, match="refers to 2 of 9 instances of the CT that are not there"):
            require_belonging(references_of(SEG), UID, INSTANCES[:-2])

    def test_instances_of_another_series_are_not_missed(self):
        """A structure set may list a second CT that nobody sent."""
        second = {"2.25.1": frozenset(["2.25.11", "2.25.12"])}
        both = References({UID: SOPS, **second}, frozenset(["2.25.11", *SOPS]), frozenset([FRAME]), others=False)

        assert () == require_belonging(both, UID, INSTANCES)

    def test_new_uids_are_taken_by_the_frame_of_reference(self):
        """Cropping and de-identification rename instances; where none is known, the frame of reference decides."""
        renamed = read_instances(stored(*(changed(s, SOPInstanceUID=generate_uid()) for s in SLICES)))

        assert (
            "what is marked was joined to the CT by its frame of reference: none of the 9 instances to which it refers "
            "is there",
        ) == require_belonging(references_of(SEG), UID, renamed)

    def test_nothing_in_common(self):
        """Neither instances nor a frame of reference: nothing tells that they belong together."""
        nothing = References({UID: frozenset()}, frozenset(), frozenset(), others=False)

        with pytest.raises(AbsentInstances, match="nothing tells that they belong together"):
            require_belonging(nothing, UID, INSTANCES)

    def test_another_frame_of_reference(self):
        """Even if all instances are there."""
        other = References({UID: SOPS}, frozenset(), frozenset(["2.25.3"]), others=False)

        with pytest.raises(OtherFrame, match="another frame of reference than the CT"):
            require_belonging(other, UID, INSTANCES)


def test_a_reference_without_a_class_may_be_one_to_a_ct():
    """De-identification may empty class UIDs as well."""
    structures = changed(RTSTRUCT)
    for item in structures.ROIContourSequence[0].ContourSequence:
        item.ContourImageSequence[0].ReferencedSOPClassUID = ""

    assert CTImageStorage == RTSTRUCT.ROIContourSequence[0].ContourSequence[0].ContourImageSequence[0][0x00081150].value
    assert references_of(RTSTRUCT).drawn_on == references_of(structures).drawn_on
