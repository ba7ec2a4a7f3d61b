"""One phantom patient."""

import numpy as np
import pytest

from imaging.crop import NodeStatus
from imaging.preprocessing import prepare
from imaging.separation import NodeSeparation, find_nodes
from imaging.spec import PreprocessingSpec
from training.phantoms.patient import draw_patient


@pytest.fixture(scope="module")
def patients():
    """Eight patients of one cohort."""
    return [draw_patient(5, number) for number in range(1, 9)]


def test_every_node_can_be_scored(patients):
    """Each node's 50 mm crop lies inside its CT, and its size and density are those of its features."""
    for patient in patients:
        nodes = prepare(patient.volume, find_nodes(patient.mask, NodeSeparation.LABELS), PreprocessingSpec())
        assert len(patient.latents) == len(nodes)
        for node, truth in zip(nodes, patient.latents, strict=True):
            assert NodeStatus.SCORED is node.status
            assert node.measurements.long_axis_mm == pytest.approx(truth.long_axis_mm, rel=0.45)
            assert -50 < node.measurements.mean_hu < 160


def test_masks_on_their_own_grid_lie_on_the_node(patients):
    """Some masks are cut out and turned; where they lie the CT is denser than the fat around."""
    own = [patient for patient in patients if patient.mask.geometry != patient.volume.geometry]
    assert 0 < len(own) < len(patients)
    for patient in own:
        for node in find_nodes(patient.mask, NodeSeparation.LABELS):
            indices = np.round(patient.volume.geometry.indices_at(node.points_mm())).astype(int)
            assert patient.volume.hu[tuple(indices.T)].mean() > -50


def test_a_patient_depends_on_seed_and_number_only(patients):
    """The same again is the same; another seed or number is another patient."""
    again, other = draw_patient(5, 3), draw_patient(6, 3)

    np.testing.assert_array_equal(again.volume.hu, patients[2].volume.hu)
    np.testing.assert_array_equal(again.mask.labels, patients[2].mask.labels)
    assert again.latents == patients[2].latents
    assert other.latents != again.latents
