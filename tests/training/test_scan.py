from dataclasses import replace

import numpy as np
import pytest

from imaging.crop import EdgePolicy, NodeStatus
from imaging.files import read_volume, write_image
from imaging.spec import PreprocessingSpec
from tests.imaging.scenes import ellipsoids
from tests.imaging.series import write_series
from tests.training.cohorts import CENTRE_MM, GRID, write_cohort, write_huge_mask
from training.cases import read_cohort
from training.errors import InvalidCases
from training.scan import read_spacing_mm, scans_of

SPEC = PreprocessingSpec(side_mm=24.0, input_shape_px=(32, 32))


@pytest.fixture
def cases(tmp_path):
    """Cases of a cohort whose files a test may spoil."""
    return read_cohort(write_cohort(tmp_path, patient_count=2)).cases


def test_cases_are_grouped_by_their_files(cases):
    """A CT with several nodes is read once; the table's order stays."""
    first, second = cases
    third = replace(first, node=2)

    assert [(first, third), (second,)] == [scan.cases for scan in scans_of([first, second, third])]


def test_a_node_is_a_value_in_the_mask(cases, tmp_path):
    """Each case gets its own node, in whatever order the table names them."""
    x, y, z = CENTRE_MM
    mask = ellipsoids(GRID, ((x - 8, y, z), (4, 4, 4)), ((x + 8, y, z), (4, 4, 4)))
    write_image(tmp_path / "mask-0.nii.gz", mask.labels, GRID)
    [scan] = scans_of([replace(cases[0], node=2), cases[0]])

    second, first = scan.prepared(SPEC, EdgePolicy.PAD)

    assert (2, 1) == (second.node.label, first.node.label)
    assert x + 8 == pytest.approx(second.node.centroid_mm[0], abs=0.5)
    assert NodeStatus.SCORED == second.status


def test_a_series_in_dicom_is_read_like_a_file(cases, tmp_path):
    """A folder with one series gives the crops that the file gives."""
    write_series(tmp_path / "series", read_volume(cases[1].image))
    [file, series] = scans_of([cases[1], replace(cases[1], image=tmp_path / "series")])

    [one], [other] = (scan.prepared(SPEC, EdgePolicy.PAD) for scan in (file, series))

    assert one.crop.pixels == pytest.approx(other.crop.pixels, abs=1e-5)


def test_a_node_of_metres_is_refused_with_its_row(cases):
    """Preprocessing has no room for it; the message says where to look."""
    write_huge_mask(cases[1].mask)
    [scan] = scans_of([cases[1]])

    with pytest.raises(InvalidCases, match=r"row 3, column mask: node 1 is 3000 x 3000 x 3000 mm large"):
        scan.prepared(SPEC, EdgePolicy.PAD)


def test_a_node_that_the_mask_lacks_is_named(cases):
    """The message names the row, the column and the value."""
    [scan] = scans_of([replace(cases[1], node=7)])

    with pytest.raises(InvalidCases, match=r"row 3, column node: .*mask-1.nii.gz marks no voxel with 7"):
        scan.nodes()


@pytest.mark.parametrize("column", ["image", "mask"])
def test_a_file_that_is_no_image_is_named(cases, column):
    """The message names the row and the column of the damaged file."""
    getattr(cases[1], column).write_bytes(b"not an image")
    [scan] = scans_of(cases[1:])

    with pytest.raises(InvalidCases, match=f"row 3, column {column}: "):
        scan.prepared(SPEC, EdgePolicy.REPORT)


def test_a_mask_of_another_ct_is_named(cases, tmp_path):
    """A mask elsewhere in the patient is a fault of its row."""
    elsewhere = replace(GRID, origin_mm=(500.0, 500.0, 500.0))
    write_image(tmp_path / "mask-1.nii.gz", np.ones(GRID.shape, dtype=np.uint8), elsewhere)
    [scan] = scans_of(cases[1:])

    with pytest.raises(InvalidCases, match="row 3, column mask: nothing that the mask marks lies inside the CT"):
        scan.prepared(SPEC, EdgePolicy.REPORT)


def test_the_spacing_of_a_series_is_that_of_its_file(cases, tmp_path):
    """From slices to columns, in DICOM as in a file."""
    write_series(tmp_path / "series", read_volume(cases[0].image))

    assert GRID.spacing_mm == pytest.approx(read_spacing_mm(cases[0].image))
    assert GRID.spacing_mm == pytest.approx(read_spacing_mm(tmp_path / "series"))
