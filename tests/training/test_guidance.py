"""Teaching a network to look at the node."""

import numpy as np
import pytest
import torch

from imaging.decision import Calibration
from imaging.heatmap import heat_share
from imaging.spec import Aggregation
from tests.training.configs import config
from tests.training.evidence.scenes import disc_crops, held_out
from tests.training.networks.trained import SIDE, crops_of, trained_network
from training.evidence.counterfactual import answers_to, counterfactual
from training.evidence.localisation import located_all
from training.evidence.repainted import repainted
from training.guidance import Guided
from training.loop import fit_network
from training.networks.catalogue import NETWORK_NAMES, build_network
from training.predict import heat_on_crop, slice_evidence
from training.run import Run
from training.split import Split


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_the_share_is_the_one_that_is_reported(name):
    """What is learnt from is the share of evidence beside the node as `heat_share` measures it; logits are as ever."""
    network, side = trained_network(name), SIDE[name]
    pixels, _ = crops_of(side, 6, seed=4)
    node_masks = np.zeros(pixels.shape, dtype=bool)
    node_masks[:, :, side // 4 : side // 2, side // 3 : side // 2] = True
    evidence = np.abs(slice_evidence(network, pixels))
    heats = [heat_on_crop(network, each, (1, side, side)) for each in evidence]
    expected = [1 - heat_share(*each).inside for each in zip(heats, node_masks, strict=True)]

    with torch.inference_mode():
        answers = Guided(network, (side, side))(torch.from_numpy(np.concatenate([pixels, node_masks], 1)).float())
        logits = network(torch.from_numpy(pixels))

    assert expected == pytest.approx(answers[:, 1].tolist(), abs=2e-3)
    torch.testing.assert_close(answers[:, :1], logits)


def test_no_evidence_is_no_way_out():
    """A slice without any counts as one whose evidence is all beside the node; its gradient is finite."""
    network = build_network("cnn-gap", (32, 32)).eval()
    torch.nn.init.zeros_(network.output.weight)
    crops = torch.from_numpy(np.concatenate([crops_of(32, 2)[0]] * 2, 1))

    beside = Guided(network, (32, 32))(crops)[:, 1]
    beside.sum().backward()

    assert [1.0, 1.0] == beside.tolist()
    assert all(each.grad.isfinite().all() for each in network.parameters() if each.grad is not None)


def test_the_lift_rises_with_guidance(tmp_path):
    """Where a mark beside the node tells the label, heat moves onto the node the more, the more weight that has."""
    crops = disc_crops(40, marked=True)
    nodes, split = held_out(crops), Split(tuple(range(24)), tuple(range(24, 32)), tuple(range(32, 40)))
    lifts, from_node = [], []
    for guidance in (0.0, 0.1, 1.0):
        choices = {"epoch_count": 12, "patience": 12, "learning_rate": 3e-3, "stop_on": "loss", "augmented": False}
        run = Run.start(tmp_path / str(guidance), config(guidance=guidance, **choices), split)
        fit_network(run, crops, torch.device("cpu"))
        network = run.network()
        maps = located_all(network, slice_evidence(network, nodes.pixels), nodes, margin_mm=0.0)
        lifts.append(np.nanmean([each.lift for each in maps]))
        answers = answers_to(network, repainted(nodes), Aggregation.MEAN)
        from_node.append(counterfactual(answers, nodes.patients, Calibration(), 0.5).from_node)

    assert lifts[0] < lifts[1] < lifts[2]
    assert lifts[2] > 3 * lifts[0]
    assert [False, True] == [from_node[0], from_node[2]]
