import numpy as np

from imaging.files import read_mask
from tests.imaging.scenes import reordered
from tests.training.cohorts import GRID
from tests.training.phantoms.spoilt import NODES, stored_patient


def test_marks_come_to_the_grid_of_the_ct(tmp_path):
    """However the mask is cut and turned, its marks are found at their voxels of the CT."""
    patient = stored_patient(tmp_path, node_count=2)
    region = (slice(2, 12), slice(5, 30), slice(3, 45))
    patient.write_marks(*reordered(NODES.labels[region], GRID.cropped(region), ((0, 2, 1), (True, False, True))))

    assert not np.array_equal(NODES.labels, read_mask(patient.mask).labels)
    assert np.array_equal(NODES.labels, patient.marks().labels)


def test_a_copy_has_names_of_its_own(tmp_path):
    """Another patient, other files, the same nodes and labels; the rows are added."""
    patient = stored_patient(tmp_path, node_count=2)
    first, second = patient.rows

    copies = patient.copied("b")

    assert [first, second, *copies] == patient.rows
    assert {**first, "patient": "p0b", "image": "ct-0b.nii.gz", "mask": "mask-0b.nii.gz"} == copies[0]
