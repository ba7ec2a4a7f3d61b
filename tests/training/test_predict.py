import numpy as np
import pytest
import torch

from imaging.spec import Aggregation
from training.networks.catalogue import build_network
from training.predict import BATCH, aggregated, node_logits, slice_logits

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
