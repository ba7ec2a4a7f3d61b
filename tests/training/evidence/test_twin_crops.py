"""Twins on disk, as crops."""

import numpy as np
import pytest

from imaging.spec import PreprocessingSpec
from training.errors import InvalidCases
from training.evidence.twin_crops import twin_crops
from training.phantoms.twin_cohort import write_twins

SPEC = PreprocessingSpec(side_mm=30.0, input_shape_px=(32, 32))


def test_twins_differ_in_the_node_alone(tmp_path):
    """Each scene comes three times, cut at the same place: the middles differ, the corners are equal."""
    write_twins(tmp_path / "twins", 2, 4)
    crops, scenes = twin_crops(tmp_path / "twins", SPEC)

    assert ["t0001", "t0002"] == scenes.tolist()
    assert (2, 3, 3, 32, 32) == crops.shape
    benign, metastatic, absent = crops[0, :, 1]
    for one, other in ((benign, metastatic), (metastatic, absent), (benign, absent)):
        assert np.abs(one - other)[12:20, 12:20].max() > 0.05
        np.testing.assert_array_equal(one[:3, :3], other[:3, :3])


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (None, "holds no twins.csv; make twins with `nodelens-train phantom DIR --twins N`"),
        ("twins,mask,node,benign,metastatic,absent\n", "has no rows"),
        ("image,mask\na,b\n", "is no table of twins"),
        ("twins,mask,node,benign,metastatic,absent\nt,m,1,b,m,a\n", "row 2, column mask"),
    ],
)
def test_what_are_no_twins_is_refused(tmp_path, table, says):
    """No table, an empty one, another one, and one without its files are told apart."""
    if table is not None:
        (tmp_path / "twins.csv").write_text(table)

    with pytest.raises(InvalidCases, match=says):
        twin_crops(tmp_path, SPEC)
