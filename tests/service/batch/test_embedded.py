"""Models without a server."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from imaging.crop import EdgePolicy
from imaging.errors import MaskOutsideVolume
from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.separation import NodeSeparation
from service.batch.embedded import Embedded, ModelChoice
from service.client import NodeClassifier
from service.faults import CannotStart, ModelNotReleased, UnknownModel
from service.model import Device
from service.options import ClassifyOptions, HeatmapOutput
from tests.service.batch.cohorts import variant
from tests.service.scans import GRID, empty_mask

CHOICES = [
    ClassifyOptions(),
    ClassifyOptions(NodeSeparation.LABELS, EdgePolicy.PAD, HeatmapOutput.VOLUME, 0.2, include_slices=True),
]


@pytest.mark.parametrize("options", CHOICES)
def test_findings_are_those_of_a_server(embedded, server, options):
    """Scores, notices and heat maps are equal, number by number."""
    volume, mask = variant(0)
    own = embedded.classify(volume, mask, options).found
    with NodeClassifier(server.address) as classifier:
        served = classifier.classify(volume, mask, "cnn-gap", 1, options)

    assert (served.model, served.notices) == (own.model, own.notices)
    assert [(n.label, n.status, n.score, n.slices, n.notices) for n in served.nodes] == [
        (n.label, n.status, n.score, n.slices, n.notices) for n in own.nodes
    ]
    assert (served.heat is None) == (own.heat is None)
    if served.heat and own.heat:
        assert served.heat.geometry == own.heat.geometry
        np.testing.assert_array_equal(served.heat.values, own.heat.values)


def test_an_empty_mask_has_no_nodes(embedded):
    """As at a server."""
    found = embedded.classify(variant(0)[0], empty_mask(), CHOICES[0]).found

    assert ((), True) == (found.nodes, "EMPTY_MASK" in [notice.code for notice in found.notices])


def test_a_mask_beside_the_ct_is_refused(embedded):
    """As by a client, before anything is computed."""
    far = Geometry(GRID.shape, GRID.spacing_mm, (900.0, 0.0, 0.0))

    with pytest.raises(MaskOutsideVolume):
        embedded.classify(variant(0)[0], NodeMask(np.ones(GRID.shape, dtype=np.uint8), far), CHOICES[0])


def test_threads_share_it(embedded):
    """Many at once are answered as one after the other."""
    scans = [variant(n) for n in range(6)]
    alone = [embedded.classify(*scan, CHOICES[0]).found for scan in scans]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda scan: embedded.classify(*scan, CHOICES[0]).found, scans))

    for one, other in zip(alone, together, strict=True):
        logits = [[node.score.logit for node in found.nodes if node.score] for found in (one, other)]
        assert logits[0] == pytest.approx(logits[1], abs=1e-6)


def test_a_model_that_did_not_pass_its_gates_must_be_wanted(models):
    """As at a server; the newest that passed answers without it."""
    with pytest.raises(ModelNotReleased, match="--allow-research"):
        Embedded(ModelChoice(models, "cnn-gap", 2, device=Device.CPU))
    with Embedded(ModelChoice(models, "cnn-gap", 2, allow_research=True, device=Device.CPU)) as research:
        assert 2 == research.ref.version
    with Embedded(ModelChoice(models, "cnn-gap", device=Device.CPU)) as released:
        assert 1 == released.ref.version


def test_a_model_that_is_not_there_is_told(models, tmp_path):
    """Together with those that are; so is a folder without any."""
    with pytest.raises(UnknownModel, match="served are: cnn 1, cnn-gap 1"):
        Embedded(ModelChoice(models, "resnet50", device=Device.CPU))
    with pytest.raises(CannotStart):
        Embedded(ModelChoice(tmp_path / "none", device=Device.CPU))
