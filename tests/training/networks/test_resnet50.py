"""ResNet-50."""

import torch

from training.networks.resnet50 import IMAGENET_MEAN, IMAGENET_SD, ResNet50, backbone


def test_the_backbone_has_torchvisions_parameters():
    """With 1000 classes there are 25,557,032 parameters, under torchvision's names and shapes."""
    state = backbone(class_count=1000).state_dict()
    shapes = {name: tuple(value.shape) for name, value in state.items()}

    assert sum(p.numel() for p in backbone(class_count=1000).parameters()) == 25_557_032
    assert shapes["conv1.weight"] == (64, 3, 7, 7)
    assert shapes["layer1.0.downsample.0.weight"] == (256, 64, 1, 1)
    assert shapes["layer4.2.bn3.running_var"] == (2048,)
    assert shapes["fc.weight"] == (1000, 2048)
    assert "layer1.0.downsample.0.bias" not in shapes
    # torchvision 0.2x: 53 convolutions and 53 batch norms of five entries each, and the head.
    assert len(shapes) == 53 + 53 * 5 + 2


def test_grey_is_repeated_and_normalised_inside():
    """One grey channel becomes three, each with ImageNet's mean and SD."""
    network = ResNet50().eval()
    seen = []
    network.backbone.conv1.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    network(torch.full((1, 1, 64, 64), 0.5))

    expected = [(0.5 - mean) / sd for mean, sd in zip(IMAGENET_MEAN, IMAGENET_SD, strict=True)]
    torch.testing.assert_close(seen[0][0, :, 0, 0], torch.tensor(expected))
