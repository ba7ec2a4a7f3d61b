import numpy as np
import pytest

from imaging.ct import read_ct
from tests.training.phantoms.spoilt import stored_patient
from training.cases import FaultKind, Row
from training.phantoms.row_defects import ROW_DEFECTS


def struck_by(name, patient, seed=0):
    """The rows that a defect strikes."""
    return ROW_DEFECTS[name](patient, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", sorted({*FaultKind} - {FaultKind.DOUBLED_ROW}))
def test_a_spoilt_cell_is_a_fault(tmp_path, kind, seed):
    """Defects of single cells have the names of the faults that the reader finds."""
    patient = stored_patient(tmp_path, node_count=2)

    struck = struck_by(kind, patient, seed)

    faulty = [row for row in patient.rows if [*Row(2, row, tmp_path).faults()]]
    assert struck == faulty
    assert {kind} == {fault.kind for row in struck for fault in Row(2, row, tmp_path).faults()}


def test_a_doubled_row_is_a_row_of_its_own(tmp_path):
    """It equals another row, and is the one that is struck."""
    patient = stored_patient(tmp_path)

    [struck] = struck_by("doubled-row", patient)

    assert patient.rows[0] == patient.rows[1]
    assert struck is patient.rows[1]


def test_two_sites_strike_the_patient(tmp_path):
    """All rows of the patient are in doubt."""
    patient = stored_patient(tmp_path, node_count=2)

    assert patient.rows == struck_by("two-sites", patient)
    assert "B" == patient.rows[1]["site"]


@pytest.mark.parametrize(
    ("name", "flipped"), [("copied-files", False), ("resaved-copy", False), ("conflicting-copy", True)]
)
def test_a_copy_shows_the_same_ct(tmp_path, name, flipped):
    """Voxel for voxel, under another patient; its labels contradict where that is the defect."""
    patient = stored_patient(tmp_path)

    struck = struck_by(name, patient)

    first, copy = patient.rows
    assert ([first, copy] if flipped else [copy]) == struck
    assert flipped == (first["label"] != copy["label"])
    assert first["patient"] != copy["patient"]
    assert np.array_equal(*(read_ct(tmp_path / row["image"]).hu for row in (first, copy)))


def test_a_noisy_copy_is_at_the_same_place(tmp_path):
    """Stored from the other side, with about 5 HU of noise."""
    patient = stored_patient(tmp_path)

    struck_by("noisy-copy", patient)

    first, copy = (read_ct(tmp_path / row["image"]) for row in patient.rows)
    assert first.geometry.box.lower_mm == pytest.approx(copy.geometry.box.lower_mm)
    assert 5 == pytest.approx(np.std(first.hu - copy.hu[:, :, ::-1]), abs=0.3)
