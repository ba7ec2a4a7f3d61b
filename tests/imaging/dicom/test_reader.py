"""From instances of all kinds, in any order, the one CT and what is marked in it are read, or it is said why not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pydicom.uid import EncapsulatedPDFStorage, generate_uid

from imaging.dicom.instances import read_instances
from imaging.dicom.reader import read_study, read_study_folder, study_of
from imaging.dicom.study import MANUFACTURER
from imaging.errors import (
    AbsentInstances,
    NoCtImage,
    NoMarking,
    OtherFrame,
    SeveralMarkings,
    TooManyVoxels,
    UnevenSlices,
    UnknownMark,
    UnreadableMarking,
    UnreadableSeries,
)
from tests.imaging.dicom.markings import ball, changed, listed_series, segmentation, stored, structure_set
from tests.imaging.dicom.scene import CT, FLIPPED, GRID, LAYERS, SAGITTAL, layer_points, marked_points, turned
from tests.imaging.series import slices_of

NAMES = ("left", "right")
BALL = ball(GRID, (17.0, -12.0, 40.0), 5.0)

SLICES = slices_of(CT)
SEG = segmentation(SLICES, LAYERS, NAMES)
RTSTRUCT = structure_set(SLICES, {"node": BALL})
FILES = stored(*SLICES, SEG)


@given(st.permutations(FILES))
@settings(max_examples=10, deadline=None)
def test_the_order_of_instances_says_nothing(files):
    """Shuffled instances give the same study."""
    study = read_study(files)

    assert_array_equal(CT.hu, study.volume.hu)
    assert [s.SOPInstanceUID for s in SLICES] == [s.SOPInstanceUID for s in study.slices]
    assert_array_equal(np.einsum("nkji,n->kji", LAYERS[:, 2:8], [1, 2]), study.mask.labels)


@pytest.mark.parametrize("direction", [GRID.direction, SAGITTAL, FLIPPED])
class TestSources:
    def test_segments_lie_where_they_were_marked(self, direction):
        """Axial, sagittal and flipped series: the points in the patient are those that were marked."""
        volume = turned(direction)
        slices = slices_of(volume)

        study = read_study(stored(*slices, segmentation(slices, LAYERS, NAMES)))

        assert_allclose(layer_points(volume, LAYERS[0]), marked_points(study.mask, 1), atol=0.01)
        assert_allclose(layer_points(volume, LAYERS[1]), marked_points(study.mask, 2), atol=0.01)

    def test_contours_lie_where_they_were_drawn(self, direction):
        """Likewise: all voxels within a ball are marked, and none beyond it."""
        volume = turned(direction)
        slices = slices_of(volume)
        points = volume.geometry.points_at(np.indices(volume.geometry.shape).reshape(3, -1).T)
        centre = volume.geometry.points_at([(4, 10.2, 9.7)])[0]
        inside = (((points - centre) ** 2).sum(axis=1) < 25).reshape(volume.geometry.shape)

        study = read_study(stored(*slices, structure_set(slices, {"ball": ball(volume.geometry, centre, 5.0)})))

        assert_allclose(layer_points(volume, inside), marked_points(study.mask, 1), atol=0.01)

    def test_slices_follow_the_first_axis_of_the_volume(self, direction):
        """Each slice's dataset is at the index of its voxels, and its HU are those that were stored."""
        volume = turned(direction)
        slices = slices_of(volume)
        stored_hu = {s.SOPInstanceUID: s.pixel_array - 1024 for s in slices}

        study = read_study(stored(*slices, segmentation(slices, LAYERS, NAMES)))

        for k, header in enumerate(study.slices):
            assert_array_equal(stored_hu[header.SOPInstanceUID], study.volume.hu[k])
            [corner] = study.volume.geometry.points_at([(k, 0, 0)])
            assert_allclose(header.ImagePositionPatient, corner, atol=1e-4)


class TestWhatIsPassedOver:
    def test_instances_that_are_no_part_of_the_study(self, tmp_path):
        """Another CT series, a localizer, an MR, a document, a directory and text do not matter."""
        localizer = {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"], "SOPInstanceUID": generate_uid()}
        others = [
            *slices_of(CT),
            changed(SLICES[0], **localizer),
            changed(SLICES[0], Modality="MR", SeriesInstanceUID=generate_uid()),
            changed(RTSTRUCT, Modality="DOC", SOPClassUID=EncapsulatedPDFStorage),
        ]
        for n, content in enumerate([*stored(*others), *FILES, b"text"]):
            (tmp_path / f"{n}").write_bytes(content)
        (tmp_path / "DICOMDIR").write_bytes(b"x")

        study = read_study_folder(tmp_path)

        assert SLICES[0].SeriesInstanceUID == study.slices[0].SeriesInstanceUID
        assert NAMES == tuple(mark.name for mark in study.marks)

    def test_what_we_wrote_ourselves(self):
        """A segmentation of ours in the study is no marking."""
        ours = segmentation(SLICES, LAYERS[:1], ["scored"], manufacturer=MANUFACTURER)

        assert NAMES == tuple(mark.name for mark in read_study([*FILES, *stored(ours)]).marks)

    def test_a_marking_of_another_ct(self):
        """Of two markings, the one whose CT is not there does not matter."""
        other = structure_set(slices_of(CT), {"other": BALL})

        assert NAMES == tuple(mark.name for mark in read_study([*FILES, *stored(other)]).marks)

    def test_pixels_are_kept_in_the_volume_only(self):
        """The datasets of a study have no pixels, and highdicom can refer to them all the same."""
        study = read_study(FILES)

        assert not any("PixelData" in dataset for dataset in (*study.slices, study.marking))
        assert 3 == segmentation(study.slices, LAYERS[:1], ["again"]).NumberOfFrames


class TestChoice:
    def test_several_markings_are_listed(self):
        """Two markings of one CT are refused with their descriptions, and each can be chosen by its own."""
        plan = changed(RTSTRUCT, StructureSetLabel="plan")
        files = [*FILES, *stored(plan)]

        with pytest.raises(SeveralMarkings, match=r"choose one by its description, or by .* UID: 'nodes', 'plan'"):
            read_study(files)
        assert "node" == read_study(files, marking="PLAN").marks[0].name
        assert "node" == read_study(files, marking=plan.SOPInstanceUID).marks[0].name
        assert "left" == read_study(files, marking="nodes").marks[0].name
        with pytest.raises(NoMarking, match="has this description; there is 'nodes', 'plan'"):
            read_study(files, marking="tumour")

    def test_a_copy_of_a_marking_is_no_other(self):
        """A segmentation that was sent twice is one."""
        assert NAMES == tuple(mark.name for mark in read_study([*FILES, *stored(SEG)]).marks)

    def test_marks_are_chosen_by_name(self):
        """A mark keeps its label, whatever else is read."""
        study = read_study(FILES, names=["RIGHT "])

        assert [(2, "right")] == [(mark.label, mark.name) for mark in study.marks]
        assert {0, 2} == set(study.mask.labels.flat)

    def test_an_unknown_name_is_told_with_the_names_there_are(self):
        """Who misspells a name sees the right ones."""
        with pytest.raises(UnknownMark, match="nothing is marked as 'middle'; there is 'left', 'right'"):
            read_study(FILES, names=["left", "middle"])

    def test_a_marking_for_two_series_belongs_to_neither(self):
        """Which of two CTs was meant is not guessed."""
        other = slices_of(CT)
        both = changed(RTSTRUCT)
        frame = both.ReferencedFrameOfReferenceSequence[0]
        frame.RTReferencedStudySequence[0].RTReferencedSeriesSequence.append(listed_series(other))

        with pytest.raises(SeveralMarkings, match="refers to 2 CT series"):
            read_study(stored(*SLICES, *other, both))


def other_frame(marking):
    """A copy of a marking that lies in another frame of reference."""
    copy = changed(marking, FrameOfReferenceUID=generate_uid())
    for item in copy.get("ReferencedFrameOfReferenceSequence", []):
        item.FrameOfReferenceUID = copy.FrameOfReferenceUID
    return copy


class TestRefusals:
    @pytest.mark.parametrize(
        ("files", "error", "says", "field"),
        [
            (FILES[:-1], NoMarking, r"no segmentation \(SEG\) or structure set", "instances"),
            (FILES[-1:], NoCtImage, "no CT image", "instances"),
            ([*FILES[:4], *FILES[5:]], UnevenSlices, "5.00 mm between instance 97, 95", "InstanceNumber=95"),
            ([*FILES[:6], FILES[-1]], AbsentInstances, "refers to 3 of 9 instances of the CT", "marking"),
            ([*stored(*slices_of(CT)), FILES[-1]], AbsentInstances, "refers to no CT that is there", "instances"),
            ([*FILES[:-1], FILES[-1][:-20]], UnreadableMarking, "pixels of the segmentation cannot", "PixelData"),
            (stored(*SLICES, other_frame(SEG)), OtherFrame, "another frame of reference", "FrameOfReferenceUID"),
            (stored(*SLICES, other_frame(RTSTRUCT)), OtherFrame, "another frame of reference", "FrameOfReferenceUID"),
            (stored(changed(SLICES[0], NumberOfFrames=2), SEG), UnreadableSeries, "several frames", "NumberOfFrames"),
        ],
    )
    def test_each_defect_has_an_error_of_its_own(self, files, error, says, field):
        """Its message says what to mend and its field where; nothing of the patient is in them."""
        with pytest.raises(error, match=says) as caught:
            read_study(files)

        assert field in caught.value.field
        said = f"{caught.value} {caught.value.field}"
        secrets = {"Canary", "CANARY", SEG.SOPInstanceUID, *(s.SOPInstanceUID for s in SLICES)}
        assert not any(secret in said for secret in secrets)

    def test_more_voxels_than_are_allowed(self):
        """The headers tell how large a CT or a segmentation is; no pixel of it is read before."""
        instances = read_instances(FILES)
        ct_count, seg_count = CT.hu.size, 6 * 20 * 21

        assert study_of(instances, max_voxels=ct_count).marks
        with pytest.raises(TooManyVoxels, match=f"the CT has {ct_count} voxels, {seg_count} are allowed"):
            study_of(instances, max_voxels=seg_count)

    def test_no_such_folder(self, tmp_path):
        """A folder must exist."""
        with pytest.raises(UnreadableSeries, match="no such folder"):
            read_study_folder(tmp_path / "nowhere")


class TestEmptyUids:
    def test_a_frame_of_reference_joins_what_has_none(self):
        """De-identified instances are read where frame of reference and number leave no doubt, and a notice says so."""
        slices = [changed(s, SOPInstanceUID="", SeriesInstanceUID="", StudyInstanceUID="") for s in SLICES]

        study = read_study(stored(*slices, structure_set(slices, {"node": BALL})))

        assert ("what is marked was joined to the CT by its frame of reference: it refers to none",) == study.notices

    def test_nothing_joins_what_has_no_frame_of_reference_either(self):
        """Then it is refused."""
        slices = [changed(s, SOPInstanceUID="", SeriesInstanceUID="", FrameOfReferenceUID="") for s in SLICES]

        with pytest.raises(AbsentInstances, match="refers to no CT"):
            read_study(stored(*slices, structure_set(slices, {"node": BALL})))
