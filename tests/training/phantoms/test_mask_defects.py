import numpy as np
import pytest

from imaging.files import write_image
from imaging.geometry import Geometry
from tests.training.phantoms.spoilt import is_expected, rules_broken, stored_patient
from training.phantoms.mask_defects import MASK_DEFECTS, speck

SEEN_IN_THE_CROP = {"speck", "grown-mask"}
"""Found only once the crop is planned."""


@pytest.mark.parametrize("name", sorted({*MASK_DEFECTS} - SEEN_IN_THE_CROP))
def test_each_defect_breaks_the_rule_made_for_it(tmp_path, name):
    """A sound patient breaks no rule; a spoilt one those that are expected."""
    patient = stored_patient(tmp_path)
    write_image(
        patient.donor, np.ones((3, 9, 9), dtype=np.uint8), Geometry((3, 9, 9), (3.3, 1.0, 1.0), (0.0, 15.0, 35.0))
    )
    [row] = patient.rows
    assert set() == rules_broken(patient, row)

    struck = MASK_DEFECTS[name](patient, np.random.default_rng(0))

    assert [row] == struck
    assert is_expected(name, rules_broken(patient, row))


def test_a_speck_is_one_voxel_of_one_node(tmp_path):
    """The other node keeps its outline."""
    patient = stored_patient(tmp_path, node_count=2)
    before = np.bincount(patient.marks().labels.ravel())

    [struck] = speck(patient, np.random.default_rng(0))

    after = np.bincount(patient.marks().labels.ravel())
    node = int(struck["node"])
    assert 1 == after[node]
    assert before[3 - node] == after[3 - node]


def test_a_grown_mask_leaves_the_other_node_alone(tmp_path):
    """It is many times as large as the node was."""
    patient = stored_patient(tmp_path, node_count=2)
    before = np.bincount(patient.marks().labels.ravel())

    [struck] = MASK_DEFECTS["grown-mask"](patient, np.random.default_rng(1))

    after = np.bincount(patient.marks().labels.ravel())
    node = int(struck["node"])
    assert 10 * before[node] < after[node]
    assert before[3 - node] == after[3 - node]
