"""ResNet-50."""

import torch

from training.networks.resnet50 import IMAGENET_MEAN, IMAGENET_SD, ResNet50, backbone

STAGES = {1: (64, 3), 2: (128, 4), 3: (256, 6), 4: (512, 3)}
"""Width and number of blocks of each stage."""


def norm(name, width):
    """Shapes of a batch normalisation, as torchvision names them."""
    values = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{value}": (width,) for value in values} | {f"{name}.num_batches_tracked": ()}


def torchvisions_shapes():
    """Names and shapes in the state dict of torchvision's resnet50, written down from its source."""
    shapes = {"conv1.weight": (64, 3, 7, 7), "fc.weight": (1000, 2048), "fc.bias": (1000,)} | norm("bn1", 64)
    reached = 64
    for stage, (width, count) in STAGES.items():
        for block in range(count):
            name = f"layer{stage}.{block}"
            shapes |= {f"{name}.conv1.weight": (width, reached, 1, 1), f"{name}.conv2.weight": (width, width, 3, 3)}
            shapes |= {f"{name}.conv3.weight": (4 * width, width, 1, 1)}
            shapes |= norm(f"{name}.bn1", width) | norm(f"{name}.bn2", width) | norm(f"{name}.bn3", 4 * width)
            if block == 0:
                shapes |= {f"{name}.downsample.0.weight": (4 * width, reached, 1, 1)}
                shapes |= norm(f"{name}.downsample.1", 4 * width)
            reached = 4 * width
    return shapes


def test_the_backbone_has_torchvisions_parameters():
    """With 1000 classes there are 25,557,032 parameters, under torchvision's names and shapes."""
    network = backbone(class_count=1000)

    assert torchvisions_shapes() == {name: tuple(value.shape) for name, value in network.state_dict().items()}
    assert sum(p.numel() for p in network.parameters()) == 25_557_032


def test_the_backbone_strides_as_torchvision():
    """Resolution is halved by the 3 x 3 convolution of a stage's first block, which names and shapes do not tell."""
    network = backbone(class_count=1)
    first = [network.get_submodule(f"layer{stage}.0") for stage in STAGES]

    assert [(1, 1)] * 4 == [block.conv1.stride for block in first]
    assert [(1, 1), (2, 2), (2, 2), (2, 2)] == [block.conv2.stride for block in first]
    assert [(1, 1), (2, 2), (2, 2), (2, 2)] == [block.downsample[0].stride for block in first]
    assert ((2, 2), (3, 3)) == (network.conv1.stride, network.conv1.padding)
    assert (3, 2, 1) == (network.maxpool.kernel_size, network.maxpool.stride, network.maxpool.padding)


def test_grey_is_repeated_and_normalised_inside():
    """One grey channel becomes three, each with ImageNet's mean and SD."""
    network = ResNet50().eval()
    seen = []
    network.backbone.conv1.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    network(torch.full((1, 1, 64, 64), 0.5))

    expected = [(0.5 - mean) / sd for mean, sd in zip(IMAGENET_MEAN, IMAGENET_SD, strict=True)]
    torch.testing.assert_close(seen[0][0, :, 0, 0], torch.tensor(expected))
