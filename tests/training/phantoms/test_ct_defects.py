import numpy as np
import pytest

from tests.training.phantoms.spoilt import is_expected, rules_broken, stored_patient
from training.phantoms.ct_defects import CT_DEFECTS, copied_slice


@pytest.mark.parametrize("name", sorted({*CT_DEFECTS} - {"cut-ct"}))
def test_each_defect_breaks_the_rule_made_for_it(tmp_path, name):
    """A sound patient breaks no rule; a spoilt one those that are expected."""
    patient = stored_patient(tmp_path)
    [row] = patient.rows
    assert set() == rules_broken(patient, row)

    struck = CT_DEFECTS[name](patient, np.random.default_rng(0))

    assert [row] == struck
    assert is_expected(name, rules_broken(patient, row))


def test_a_cut_ct_ends_beside_the_node(tmp_path):
    """At most three columns are left before the node, and the rest keeps its place."""
    patient = stored_patient(tmp_path)
    before = patient.marks().occupied()

    CT_DEFECTS["cut-ct"](patient, np.random.default_rng(0))

    after = patient.marks().occupied()
    assert 1 <= after[2].start <= 3 < before[2].start
    assert before[:2] == after[:2]


def test_seeds_choose_the_slice(tmp_path):
    """One slice equals the one before, elsewhere for another seed."""
    lost = []
    for seed in range(3):
        patient = stored_patient(tmp_path / str(seed))
        copied_slice(patient, np.random.default_rng(seed))
        hu = patient.volume().hu
        lost += np.flatnonzero((hu[1:] == hu[:-1]).all(axis=(1, 2))).tolist()

    assert 3 == len(lost)
    assert 1 < len(set(lost))
