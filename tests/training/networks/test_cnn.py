"""The paper's network and its smaller sister."""

import torch

from training.networks.cnn import Cnn, CnnGap


def test_the_cnn_is_the_papers():
    """Flattened it has 100352 values and altogether 12,937,985 parameters, as in Table 2."""
    network = Cnn((224, 224))

    assert network.hidden.in_features == 100352
    assert sum(p.numel() for p in network.parameters()) == 12_937_985


def test_the_small_head_shares_the_trunk():
    """Both have the same convolutions; global average pooling leaves 129 parameters to the head."""
    trunks = [
        {n: p.shape for n, p in net.named_parameters() if "conv" in n} for net in (Cnn((32, 32)), CnnGap((32, 32)))
    ]

    assert trunks[0] == trunks[1]
    assert sum(p.numel() for p in CnnGap((32, 32)).output.parameters()) == 129


def test_dropout_works_in_training_only():
    """In training two passes differ, in evaluation they do not."""
    crops = torch.rand(2, 1, 32, 32)
    for network in (Cnn((32, 32)), CnnGap((32, 32))):
        assert not torch.equal(network.train()(crops), network(crops))
        assert torch.equal(network.eval()(crops), network(crops))
