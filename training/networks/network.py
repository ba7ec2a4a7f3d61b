"""What all networks have in common: a logit, and where it comes from."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor, nn

from imaging.heatmap import HeatmapGrid


class Explained(NamedTuple):
    """
    Logits with their Grad-CAM.

    Attributes:
        logits: (n, 1), of metastasis.
        heatmaps: (n, h, w), the evidence after ReLU, not normalised.
        evidence: (n, h, w), for (above 0) and against (below 0) metastasis.
    """

    logits: Tensor
    heatmaps: Tensor
    evidence: Tensor


class NodeNetwork(nn.Module, ABC):
    """
    A network that reads one slice of a crop, (n, 1, rows, columns) in [0, 1].

    Grad-CAM (Selvaraju et al. 2017, doi:10.1109/ICCV.2017.74) weighs each of the last feature maps by the mean of the
    logit's gradient over its positions. For the heads used here that mean has a closed form, so that the maps are part
    of the forward pass. It holds in evaluation mode, in which dropout does nothing.

    Attributes:
        heatmap_grid: Where the cells of the last feature maps lie on the input.
    """

    heatmap_grid: HeatmapGrid

    @abstractmethod
    def features(self, crops: Tensor) -> Tensor:
        """The last feature maps after their ReLU, (n, k, h, w)."""

    @abstractmethod
    def head(self, features: Tensor) -> Tensor:
        """Logits, (n, 1)."""

    @abstractmethod
    def weighted_head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits, (n, 1), and the mean of their gradient over the positions of each feature map, (n, k)."""

    def forward(self, crops: Tensor) -> Tensor:
        """Logits, (n, 1)."""
        return self.head(self.features(crops))

    def explained(self, crops: Tensor) -> Explained:
        """Logits with their Grad-CAM; in evaluation mode."""
        features = self.features(crops)
        logits, weights = self.weighted_head(features)
        evidence = (weights[:, :, None, None] * features).sum(dim=1)
        return Explained(logits, torch.relu(evidence), evidence)
