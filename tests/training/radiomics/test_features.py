"""The features of a cohort's nodes."""

import numpy as np
import pytest
from pydicom.sr.codedict import codes

from imaging.files import write_image
from imaging.separation import find_nodes
from tests.imaging.scenes import axis_orders, ellipsoids, mask_in_order, soft_tissue, volume_in_order
from tests.training.cohorts import CENTRE_MM, GRID, write_cohort, write_huge_mask
from training.cases import read_cohort
from training.errors import InvalidCases
from training.radiomics.features import CODES, SIZE_AND_SHAPE, load_features, node_features
from training.split import patient_folds

DICOM_NAMES = {
    "volume_mm3": "VolumeFromVoxelSummation",
    "max_diameter_mm": "Maximum3DDiameterOfAMesh",
    "elongation": "Elongation",
    "flatness": "Flatness",
    "histogram_entropy": "IntensityHistogramEntropy",
    "histogram_uniformity": "IntensityHistogramUniformity",
    "glcm_contrast": "ContrastOfGLCM",
    "glcm_joint_entropy": "JointEntropyOfGLCM",
    "glcm_inverse_difference": "InverseDifferenceOfGLCM",
    "glcm_correlation": "CorrelationOfGLCM",
    "glcm_cluster_shade": "ClusterShadeOfGLCM",
}


@pytest.mark.parametrize(("name", "keyword"), DICOM_NAMES.items())
def test_codes_are_those_of_dicom(name, keyword):
    """DICOM lists IBSI's codes of shape, histogram and texture; ours are the same."""
    assert getattr(codes.IBSI, keyword).value == CODES[name]


def test_storage_order_does_not_matter():
    """A CT and a mask stored with other axes have the same features; but for rounding at a bin's end."""
    volume, mask = soft_tissue(GRID), ellipsoids(GRID, (CENTRE_MM, (6.0, 7.5, 9.0)))
    expected = node_features(volume, find_nodes(mask)[0])

    for order in list(axis_orders())[::11]:
        [node] = find_nodes(mask_in_order(mask, order))
        assert expected == pytest.approx(node_features(volume_in_order(volume, order), node), rel=1e-3)


def test_each_case_has_its_own_features(cohort_csv, tmp_path):
    """Row by row, values and cases belong to one node; bright nodes have the higher mean."""
    cohort = read_cohort(cohort_csv)
    features = load_features(cohort, tmp_path)

    assert (12, len(CODES)) == features.values.shape
    assert cohort.cases == features.cases
    means = features.columns(["mean_hu"])[:, 0]
    assert [case.label for case in cohort.cases] == (means > np.median(means)).astype(int).tolist()
    folds = patient_folds(cohort.cases, 3, 0)
    assert sorted(row for fold in folds for row in features.rows(fold)) == list(range(12))


def test_a_node_of_metres_is_refused_with_its_row(tmp_path):
    """Its features would not fit into memory; the message says where to look."""
    cohort = read_cohort(write_cohort(tmp_path, patient_count=2))
    write_huge_mask(cohort.cases[1].mask)

    with pytest.raises(InvalidCases, match=r"row 3, column mask: node 1 is 3000 x 3000 x 3000 mm large"):
        load_features(cohort)


def test_size_and_shape_see_no_hounsfield_unit():
    """Another CT at the same place leaves them as they are."""
    mask = ellipsoids(GRID, (CENTRE_MM, (6.0, 7.5, 9.0)))
    one, other = (node_features(soft_tissue(GRID, seed), find_nodes(mask)[0]) for seed in (0, 1))

    assert [one[name] for name in SIZE_AND_SHAPE] == [other[name] for name in SIZE_AND_SHAPE]
    assert all(one[name] != other[name] for name in CODES if name not in SIZE_AND_SHAPE)


def test_features_are_made_once(tmp_path):
    """The second look comes from the cache, beside the crops; a damaged entry is made again."""
    cohort = read_cohort(write_cohort(tmp_path, patient_count=2))
    made = load_features(cohort).values
    first, second = sorted((tmp_path / ".crops").iterdir())
    np.savez(first, features=np.full((1, len(CODES)), 0.5))
    second.write_bytes(b"")
    cached = load_features(cohort).values

    assert [False, True] == sorted(row in cached.tolist() for row in made.tolist())
    assert 1 == sum((row == 0.5).all() for row in cached)


def test_nodes_beyond_their_ct_are_left_out(tmp_path):
    """A node at the edge counts; one that lies beyond has no HU, and the other rows stay with their cases."""
    table = write_cohort(tmp_path, patient_count=3)
    x, y, z = CENTRE_MM
    edge = ellipsoids(GRID, ((x - 22, y, z), (4, 4, 4)))
    write_image(tmp_path / "mask-0.nii.gz", edge.labels, GRID)
    far = ellipsoids(GRID, (CENTRE_MM, (5, 5, 5)), ((x + 18, y, z), (4, 4, 4)))
    write_image(tmp_path / "mask-1.nii.gz", far.labels, GRID)
    part = (slice(0, 14), slice(0, 48), slice(0, 36))
    volume = soft_tissue(GRID).cropped(part)
    write_image(tmp_path / "ct-1.nii.gz", volume.hu, volume.geometry)
    table.write_text(table.read_text() + "ct-1.nii.gz,mask-1.nii.gz,2,p1,0\n")

    features = load_features(read_cohort(table))

    assert [0, 1, 2] == features.case_indices.tolist()
    assert ["p0", "p1", "p2"] == [case.patient for case in features.cases]
    assert [1, 2] == features.rows([1, 2, 3]).tolist()
    assert np.isfinite(features.values).all()


def test_a_mask_of_another_series_is_refused(tmp_path):
    """The row of the table is named, as for crops."""
    table = write_cohort(tmp_path, patient_count=2)
    part = (slice(0, 14), slice(0, 48), slice(0, 4))
    volume = soft_tissue(GRID).cropped(part)
    write_image(tmp_path / "ct-1.nii.gz", volume.hu, volume.geometry)

    with pytest.raises(InvalidCases, match="row 3, column mask: nothing that the mask marks lies inside the CT"):
        load_features(read_cohort(table))
