"""ResNet-50 (He et al. 2016) in two dimensions, with torchvision's names and shapes."""

import torch
from monai.networks.nets.resnet import ResNet
from monai.networks.nets.resnet import resnet50 as monai_resnet50
from torch import Tensor, nn

from imaging.heatmap import HeatmapGrid
from training.networks.network import NodeNetwork

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_SD = (0.229, 0.224, 0.225)


def backbone(class_count: int) -> ResNet:
    """The bare network for three-channel images, with torchvision's parameter names."""
    return monai_resnet50(
        spatial_dims=2, n_input_channels=3, num_classes=class_count, conv1_t_stride=2, bias_downsample=False
    )


class ResNet50(NodeNetwork):
    """ResNet-50 on one grey channel, repeated and normalised as for ImageNet inside the network."""

    heatmap_grid = HeatmapGrid(stride_px=32.0, offset_px=0.0)

    def __init__(self) -> None:
        super().__init__()
        self.backbone = backbone(class_count=1)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).reshape(1, 3, 1, 1), persistent=False)
        self.register_buffer("sd", torch.tensor(IMAGENET_SD).reshape(1, 3, 1, 1), persistent=False)

    def features(self, crops: Tensor) -> Tensor:
        """Output of the fourth stage, (n, 2048, rows / 32, columns / 32)."""
        net = self.backbone
        x = (crops.expand(-1, 3, -1, -1) - self.get_buffer("mean")) / self.get_buffer("sd")
        x = net.maxpool(net.act(net.bn1(net.conv1(x))))
        stages: Tensor = net.layer4(net.layer3(net.layer2(net.layer1(x))))
        return stages

    def head(self, features: Tensor) -> Tensor:
        """Logits, (n, 1)."""
        logits: Tensor = self._output(features.mean(dim=(2, 3)))
        return logits

    def weighted_head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits, and the mean gradient at the feature maps: the head's own weights over the number of cells."""
        cell_count = features.shape[2] * features.shape[3]
        return self.head(features), (self._output.weight / cell_count).expand(len(features), -1)

    @property
    def _output(self) -> nn.Linear:
        output = self.backbone.fc
        assert isinstance(output, nn.Linear)
        return output
