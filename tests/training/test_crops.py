from dataclasses import replace

import numpy as np
import pytest

from imaging.crop import EdgePolicy, NodeStatus
from imaging.files import write_image
from imaging.spec import PreprocessingSpec
from tests.imaging.scenes import ellipsoids
from tests.training.cohorts import CENTRE_MM, GRID, write_cohort
from training.cases import read_cohort
from training.crops import load_crops
from training.errors import InvalidCases
from training.scan import scans_of
from training.split import Split

SPEC = PreprocessingSpec(side_mm=24.0, input_shape_px=(32, 32))


def test_each_case_has_its_own_crop(cohort_csv, tmp_path):
    """Row by row, pixels, mask, case and measurements belong to one node."""
    cohort = read_cohort(cohort_csv)

    crops = load_crops(cohort, SPEC, EdgePolicy.REPORT, tmp_path)

    assert (12, 3, 32, 32) == crops.pixels.shape == crops.node_masks.shape
    assert cohort.cases == crops.cases
    assert [case.label for case in cohort.cases] == crops.labels.tolist()
    for row, scan in enumerate(scans_of(cohort.cases)):
        [prepared] = scan.prepared(SPEC, EdgePolicy.REPORT)
        assert np.array_equal(prepared.crop.pixels, crops.pixels[row])
        assert np.array_equal(prepared.crop.node_mask, crops.node_masks[row])
        assert prepared.measurements == crops.measurements[row]


def test_the_cache_is_beside_the_table(tmp_path):
    """Unless a folder is given, crops are kept in .crops, one file a scan, and nothing else stays there."""
    cohort = read_cohort(write_cohort(tmp_path, patient_count=3))

    load_crops(cohort, SPEC, EdgePolicy.REPORT)

    assert [".npz"] * 3 == [path.suffix for path in (tmp_path / ".crops").iterdir()]


def test_a_node_at_the_edge_is_dropped_and_counted(tmp_path):
    """Training sees no crop that reaches beyond its CT, and the other rows stay with their cases."""
    table = write_cohort(tmp_path, patient_count=3)
    x, y, z = CENTRE_MM
    write_image(tmp_path / "mask-1.nii.gz", ellipsoids(GRID, ((x - 18, y, z), (4, 4, 4))).labels, GRID)
    cohort = read_cohort(table)

    crops = load_crops(cohort, SPEC, EdgePolicy.REPORT)

    assert [0, 2] == crops.case_indices.tolist()
    assert ["p0", "p2"] == [case.patient for case in crops.cases]
    assert {NodeStatus.AT_EDGE: 1} == crops.dropped_counts()
    assert [1] == crops.rows([1, 2]).tolist()
    assert Split((0,), (1,), ()) == crops.rows_of(Split((0, 1), (2,), ()))
    assert 3 == len(load_crops(cohort, SPEC, EdgePolicy.PAD).pixels)


def test_a_table_in_any_order_keeps_its_places(tmp_path):
    """Nodes of one CT that stand apart in the table keep their places in it."""
    table = write_cohort(tmp_path, patient_count=2)
    x, y, z = CENTRE_MM
    mask = ellipsoids(GRID, ((x, y, z), (5, 5, 5)), ((x + 9, y, z), (3, 3, 3)))
    write_image(tmp_path / "mask-0.nii.gz", mask.labels, GRID)
    with table.open("a") as file:
        file.write("ct-0.nii.gz,mask-0.nii.gz,2,p0,1\n")
    cohort = read_cohort(table)

    crops = load_crops(cohort, replace(SPEC, side_mm=16.0), EdgePolicy.PAD)

    assert [0, 2, 1] == crops.case_indices.tolist()
    assert [cohort.cases[index] for index in crops.case_indices] == list(crops.cases)
    assert [0, 1, 1] == crops.labels.tolist()


def test_a_cohort_without_crops_is_refused(cohort_csv, tmp_path):
    """Where no node fits, the message says what helps."""
    with pytest.raises(InvalidCases, match=r"no node can be scored: .* --edge pad"):
        load_crops(read_cohort(cohort_csv), replace(SPEC, side_mm=100.0), EdgePolicy.REPORT, tmp_path)
