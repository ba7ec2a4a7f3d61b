"""Maps must depend on what was learnt."""

import numpy as np
import pytest
import torch

from tests.training.configs import config
from tests.training.evidence.scenes import SIDE, disc_crops, held_out
from tests.training.networks.trained import trained_network
from training.evidence.localisation import located_all
from training.evidence.randomisation import cascade, fresh_networks, randomisation
from training.networks.catalogue import build_network
from training.predict import slice_evidence


@pytest.fixture(scope="module")
def nodes():
    """Sixteen nodes of eight patients."""
    return held_out(disc_crops(16))


@pytest.fixture(scope="module")
def network():
    """A network that has learnt to tell bright discs from dim ones."""
    return trained_network("cnn-gap")


def test_weights_go_from_the_head_backwards():
    """After each step one more group is fresh, and the trained network itself is as it was."""
    network, [fresh] = trained_network("cnn"), fresh_networks(config(network="cnn"), 1)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    seen = []
    for group, mixed in cascade(network, fresh):
        state = mixed.state_dict()
        seen.append((group, [name for name in state if torch.equal(state[name], fresh.state_dict()[name])]))

    order = ["output", "hidden", "conv3", "conv2", "conv1"]
    assert order == [group for group, _ in seen]
    for count, (_, replaced) in enumerate(seen, start=1):
        assert set(order[:count]) == {name.split(".")[0] for name in replaced}
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_stages_of_a_large_network_go_as_one():
    """A ResNet-50 is taken back stage by stage."""
    network = build_network("resnet50", (64, 64))

    groups = [group.removeprefix("backbone.") for group, _ in cascade(network, network)]

    assert ["fc", "layer4", "layer3", "layer2", "layer1", "bn1", "conv1"] == groups


def test_fresh_networks_leave_chance_alone():
    """They are the same each time, differ from each other, and move no generator."""
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)

    (first, second), (again, _) = (list(fresh_networks(config(), 2)) for _ in range(2))

    assert expected == torch.rand(1)
    assert torch.equal(first.output.weight, again.output.weight)
    assert not torch.equal(first.output.weight, second.output.weight)


def test_without_what_was_learnt_the_lift_is_lost(network, nodes):
    """A trained network's heat lies on the node more than that of fresh ones, and the maps become others."""
    maps = located_all(network, slice_evidence(network, nodes.pixels), nodes, margin_mm=0.0)
    fresh = list(fresh_networks(config(), 6))

    found = randomisation(network, fresh, nodes, maps)

    assert SIDE == config().spec.input_shape_px[0]
    assert found.lift_above.lower > 0
    assert found.lift.value <= found.highest_lift
    assert ["output", "conv3", "conv2", "conv1"] == list(found.similarities)
    assert found.similarities["conv1"].upper < 0.9
    assert np.mean([each.lift for each in maps if not each.empty]) > found.highest_lift


def test_the_same_weights_change_nothing(network, nodes):
    """Taken back to what they are, maps are the same and the lift is not above itself."""
    maps = located_all(network, slice_evidence(network, nodes.pixels), nodes, margin_mm=0.0)

    found = randomisation(network, [network], nodes, maps)

    assert [1.0] * 4 == pytest.approx([each.value for each in found.similarities.values()])
    assert 0.0 == found.lift_above.value
    assert sum(not each.empty for each in maps) == found.node_count


def test_fresh_networks_without_heat_make_no_pair(network, nodes):
    """Where no fresh network finds anything, there is nothing to compare."""
    silent = build_network("cnn-gap", (SIDE, SIDE)).eval()
    torch.nn.init.constant_(silent.output.weight, -1.0)
    maps = located_all(network, slice_evidence(network, nodes.pixels), nodes, margin_mm=0.0)

    found = randomisation(network, [silent], nodes, maps)

    assert 0 == found.node_count
    assert (None, None, None) == (found.lift, found.highest_lift, found.lift_above)
