"""What instances take in memory, before their pixels are read."""

import pytest
from pydicom.uid import SegmentationStorage

from imaging.dicom.instances import Instance, read_instances
from imaging.errors import NoCtImage
from service.faults import InvalidRequest, RequestTooLarge
from service.instances.footprint import bytes_expected, bytes_taken
from service.options import ClassifyOptions, HeatmapOutput
from tests.imaging.series import slices_of
from tests.service.instances.sent import seg_study, stored, whole_scan
from tests.service.scans import GRID

VOXELS = 30 * 60 * 64
PLAIN = ClassifyOptions()


def headers(files):
    """Of these files."""
    return read_instances(files)


def test_what_is_expected_covers_an_uncompressed_study():
    """The bytes that are announced twice are room for the instances and for the CT made of them."""
    files = seg_study()
    announced = sum(map(len, files))

    assert bytes_expected(announced) >= announced + 2 * VOXELS


def test_ct_mask_and_instances_are_counted():
    """A CT of whole numbers takes two bytes a voxel, a mask one."""
    labels = 60 * 64 * headers(seg_study())[0].header.NumberOfFrames

    assert 1000 + 2 * VOXELS + labels == bytes_taken(headers(seg_study()), 1000, 2**30, PLAIN, False)
    assert 30 == GRID.shape[0]


@pytest.mark.parametrize(("heat", "results", "maps"), [(HeatmapOutput.VOLUME, False, 1), (HeatmapOutput.CROP, True, 4)])
def test_heat_maps_on_the_grid_of_the_ct_are_counted(heat, results, maps):
    """The one that comes back, and those of which objects are made."""
    plain = bytes_taken(headers(seg_study()), 0, 2**30, PLAIN, False)

    assert plain + maps * 4 * VOXELS == bytes_taken(
        headers(seg_study()), 0, 2**30, ClassifyOptions(heatmap_output=heat), results
    )


def test_a_rescale_with_fractions_takes_twice_as_much():
    """Its Hounsfield units are float32."""
    whole, fractions = (stored(*slices_of(whole_scan()[0], RescaleSlope=slope)) for slope in (1, 0.5))
    taken = [bytes_taken(headers(files), 0, 2**30, PLAIN, False) for files in (whole, fractions)]

    assert [3 * VOXELS, 5 * VOXELS] == taken


def test_a_small_file_that_claims_many_pixels_is_refused_by_its_header():
    """However small it is sent: 60000 x 60000 pixels take 7 GB."""
    first, *others = slices_of(whole_scan()[0])
    first.Rows = first.Columns = 60_000

    with pytest.raises(RequestTooLarge, match=r"CT and mask take 1\d{10} bytes, this server takes 1073741824"):
        bytes_taken([Instance(b"", header) for header in (first, *others)], 10**6, 2**30, PLAIN, False)


def test_a_segmentation_that_claims_more_frames_than_its_file_holds_is_refused():
    """Each frame says where it is, so that a thousand of them take more than the header of one."""
    seg = headers(seg_study())[0]
    seg.header.NumberOfFrames = 2**31 - 1
    assert SegmentationStorage == seg.header.SOPClassUID

    with pytest.raises(InvalidRequest, match=r"marking\.NumberOfFrames"):
        bytes_taken([seg, *headers(seg_study())], 0, 2**60, PLAIN, False)


@pytest.mark.parametrize("keyword", ["Rows", "RescaleSlope"])
def test_what_a_header_lacks_is_for_the_reader_to_refuse(keyword):
    """It names the instance; here the others are counted."""
    slices = slices_of(whole_scan()[0])
    delattr(slices[0], keyword)

    taken = bytes_taken([Instance(b"", header) for header in slices], 0, 2**30, PLAIN, False)
    assert taken in (3 * VOXELS, 3 * (VOXELS - 60 * 64))


def test_instances_without_a_ct_are_refused():
    """A SEG alone is no study."""
    with pytest.raises(NoCtImage):
        bytes_taken(headers(seg_study()[:1]), 0, 2**30, PLAIN, False)
