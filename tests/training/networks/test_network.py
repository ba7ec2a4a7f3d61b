"""Grad-CAM in closed form is Grad-CAM."""

import pytest
import torch
from captum.attr import LayerGradCam

from tests.training.networks.trained import SIDE, crops_of, doubled_network
from training.networks.catalogue import NETWORK_NAMES, build_network


def by_autograd(network, crops):
    """Grad-CAM as in its paper: weights are the gradient's means, taken by backpropagation."""
    features = network.features(crops).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(network.head(features).sum(), features)
    evidence = (gradient.mean(dim=(2, 3), keepdim=True) * features).sum(dim=1)
    return torch.relu(evidence).detach(), evidence.detach()


@pytest.mark.parametrize("name", NETWORK_NAMES)
@pytest.mark.parametrize("batch", [1, 2, 17])
def test_the_closed_form_is_the_gradient(name, batch):
    """On trained weights and in double precision, the maps equal those of backpropagation to 1e-8."""
    network = doubled_network(name)
    crops = torch.from_numpy(crops_of(SIDE[name], batch, seed=1)[0]).double()
    heatmaps, evidence = by_autograd(network, crops)

    explained = network.explained(crops)
    scale = evidence.abs().max()
    assert scale > 0
    assert (explained.evidence - evidence).abs().max() / scale <= 1e-8
    assert (explained.heatmaps - heatmaps).abs().max() / scale <= 1e-8
    torch.testing.assert_close(explained.logits, network(crops), rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_ties_change_nothing(name):
    """On crops of one value, where most poolings choose among equals, the maps are those of backpropagation."""
    network = doubled_network(name)
    crops = torch.tensor([0.0, 0.5, 1.0]).double().reshape(3, 1, 1, 1).expand(3, 1, SIDE[name], SIDE[name])
    _, evidence = by_autograd(network, crops)

    assert evidence.abs().max() > 0
    torch.testing.assert_close(network.explained(crops).evidence, evidence, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_captum_agrees(name):
    """Captum's LayerGradCam, hooked to the same layer, gives the same evidence."""
    network = doubled_network(name)
    crops = torch.from_numpy(crops_of(SIDE[name], 4, seed=2)[0]).double()
    layer = network.backbone.layer4 if name == "resnet50" else network.rectified
    expected = LayerGradCam(network, layer).attribute(crops, target=0, relu_attributions=False)

    torch.testing.assert_close(network.explained(crops).evidence, expected[:, 0], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_samples_do_not_see_their_batch(name):
    """A crop gets the same logit and map alone and among others."""
    network = doubled_network(name)
    crops = torch.from_numpy(crops_of(SIDE[name], 5, seed=3)[0]).double()

    with torch.inference_mode():
        together = network.explained(crops)
        alone = [network.explained(crop[None]) for crop in crops]
    for field in together._fields:
        expected = torch.cat([getattr(explained, field) for explained in alone])
        torch.testing.assert_close(getattr(together, field), expected, rtol=1e-8, atol=1e-12)


def averaging(name, side):
    """The network with kernels of one value and averaging in place of the largest, so that reach is all that counts."""
    network = build_network(name, (side, side)).eval()
    for parameter in network.parameters():
        torch.nn.init.constant_(parameter, 1 / parameter[0].numel() if parameter.ndim == 4 else float(parameter.ndim))
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.ones_(module.weight)
    if name == "resnet50":
        network.backbone.maxpool = torch.nn.AvgPool2d(3, stride=2, padding=1)
    else:
        network.pool = torch.nn.AvgPool2d(2)
    return network


@pytest.mark.parametrize(("name", "side"), [("cnn", 64), ("cnn-gap", 64), ("resnet50", 448)])
def test_cells_lie_where_their_receptive_fields_are_centred(name, side):
    """The input pixels that move a cell of the last feature maps are centred where the heat-map grid says."""
    network = averaging(name, side)
    crops = torch.ones(1, 1, side, side, requires_grad=True)
    features = network.features(crops)
    cell = features.shape[2] // 2
    (gradient,) = torch.autograd.grad(features[0, :, cell, cell].sum(), crops)
    by_row = gradient[0, 0].double().sum(dim=1)
    grid = network.heatmap_grid

    centre = float((by_row * torch.arange(side)).sum() / by_row.sum())
    assert centre == pytest.approx(grid.offset_px + cell * grid.stride_px, abs=0.01)
