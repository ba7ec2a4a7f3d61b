import numpy as np
import pytest
import torch

from imaging.spec import Aggregation
from training.networks.catalogue import build_network
from training.predict import BATCH, aggregated, heat_on_crop, node_logits, slice_evidence, slice_logits

PIXELS = np.random.default_rng(0).random((BATCH // 3 + 4, 3, 16, 16), dtype=np.float32)
"""More slices than one batch has."""


@pytest.fixture
def network():
    """A network with dropout, fresh."""
    torch.manual_seed(0)
    return build_network("cnn-gap", (16, 16))


def test_each_slice_is_answered_by_itself(network):
    """Batches do not change answers, and rows stay with their nodes."""
    logits = slice_logits(network, PIXELS)

    network.eval()
    with torch.inference_mode():
        alone = [[network(torch.from_numpy(each[None, None])).item() for each in node] for node in PIXELS]
    assert np.allclose(alone, logits, atol=1e-6)


def test_dropout_is_off_and_the_mode_stays(network):
    """Asked twice in the middle of training, a network answers the same, and goes on training."""
    network.train()

    first, second = slice_logits(network, PIXELS), slice_logits(network, PIXELS)

    assert np.array_equal(first, second)
    assert network.training


@pytest.mark.parametrize(("rule", "expected"), [(Aggregation.MEAN, [2.0, -1.0]), (Aggregation.MAX, [4.0, 0.0])])
def test_slices_are_put_together_by_the_rule(rule, expected):
    """The mean or the largest of a node's slices is the node's logit."""
    assert expected == aggregated(np.array([[0.0, 4.0], [-2.0, 0.0]]), rule).tolist()


def test_a_node_is_answered_by_its_slices(network):
    """Node logits follow from slice logits by the rule."""
    assert np.array_equal(slice_logits(network, PIXELS).max(axis=1), node_logits(network, PIXELS, Aggregation.MAX))


def test_evidence_stays_with_its_slice(network):
    """Maps of all slices are those of each by itself, for and against."""
    evidence = slice_evidence(network, PIXELS)

    network.eval()
    with torch.inference_mode():
        alone = network.explained(torch.from_numpy(PIXELS[7, 2][None, None])).evidence[0].numpy()
    assert (*PIXELS.shape[:2], 4, 4) == evidence.shape
    np.testing.assert_allclose(alone, evidence[7, 2], atol=1e-6)


def test_heat_is_what_speaks_for_metastasis(network):
    """On the crop, evidence against it is no heat, and cells lie where the network's grid puts them."""
    evidence = np.array([[[-1.0, 2.0], [-3.0, 4.0]]], dtype=np.float32)

    heat = heat_on_crop(network, evidence, (1, 8, 8))

    assert (1, 8, 8) == heat.shape
    assert [0.0, 2.0, 0.0, 4.0] == [heat[0, 0, 0], heat[0, 0, 7], heat[0, 7, 0], heat[0, 7, 7]]
    assert 1.25 == heat[0, 0, 4]
