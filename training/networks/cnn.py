"""The custom CNN of the paper that NodeLens starts from, with its own head and with a smaller one."""

import torch
from torch import Tensor, nn

from imaging.heatmap import HeatmapGrid
from training.errors import InvalidOptions
from training.networks.network import NodeNetwork

CHANNELS = (32, 64, 128)
HIDDEN = 128
DROPOUT_TRUNK = 0.25
DROPOUT_HEAD = 0.5

POOLED = 8
"""Three poolings halve the input three times."""


class _Trunk(NodeNetwork):
    """Three 3 x 3 convolutions, each followed by ReLU, 2 x 2 max-pooling and dropout."""

    heatmap_grid = HeatmapGrid(stride_px=4.0, offset_px=1.5)

    def __init__(self, input_shape_px: tuple[int, int]) -> None:
        super().__init__()
        if any(side % POOLED or side < POOLED for side in input_shape_px):
            raise InvalidOptions(f"this network's input must be a multiple of {POOLED} pixels, got {input_shape_px}")
        first, second, third = CHANNELS
        self.conv1 = nn.Conv2d(1, first, 3, padding=1)
        self.conv2 = nn.Conv2d(first, second, 3, padding=1)
        self.conv3 = nn.Conv2d(second, third, 3, padding=1)
        self.rectified = nn.ReLU()
        self.pool = nn.MaxPool2d(2)
        self.dropout = nn.Dropout(DROPOUT_TRUNK)
        self.cell_count = input_shape_px[0] * input_shape_px[1] // 16

    def features(self, crops: Tensor) -> Tensor:
        """ReLU of the third convolution, (n, 128, rows / 4, columns / 4): before its pooling, where maps are finer."""
        halved = self.dropout(self.pool(torch.relu(self.conv1(crops))))
        quartered = self.dropout(self.pool(torch.relu(self.conv2(halved))))
        maps: Tensor = self.rectified(self.conv3(quartered))
        return maps

    def pooled(self, features: Tensor) -> Tensor:
        """What the head reads, (n, 128, rows / 8, columns / 8)."""
        pooled: Tensor = self.dropout(self.pool(features))
        return pooled


class Cnn(_Trunk):
    """The paper's network, Table 2: flatten, dense 128 with ReLU and dropout, dense 1."""

    def __init__(self, input_shape_px: tuple[int, int]) -> None:
        super().__init__(input_shape_px)
        rows, columns = (side // POOLED for side in input_shape_px)
        self.hidden = nn.Linear(CHANNELS[-1] * rows * columns, HIDDEN)
        self.dropout_head = nn.Dropout(DROPOUT_HEAD)
        self.output = nn.Linear(HIDDEN, 1)

    def head(self, features: Tensor) -> Tensor:
        """Logits, (n, 1)."""
        logits: Tensor = self.output(self.dropout_head(torch.relu(self.hidden(self.pooled(features).flatten(1)))))
        return logits

    def weighted_head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """
        Logits, and the mean gradient at the feature maps.

        The gradient at the pooled maps is W1^T (1[h > 0] * w2). Pooling hands each of its values to one position of
        the maps, one among equals too, so that their sum stays, whichever position that is: the sum of W1 over the
        positions of each map says it all. Where h is 0 the gradient is taken as 0, as backpropagation does.
        """
        hidden = self.hidden(self.pooled(features).flatten(1))
        per_map = self.hidden.weight.reshape(HIDDEN, CHANNELS[-1], -1).sum(dim=2)
        folded = self.output.weight.reshape(HIDDEN, 1) * per_map / self.cell_count
        return self.output(torch.relu(hidden)), (hidden > 0).to(hidden.dtype) @ folded


class CnnGap(_Trunk):
    """The same trunk, global average pooling, dense 1."""

    def __init__(self, input_shape_px: tuple[int, int]) -> None:
        super().__init__(input_shape_px)
        self.output = nn.Linear(CHANNELS[-1], 1)

    def head(self, features: Tensor) -> Tensor:
        """Logits, (n, 1)."""
        logits: Tensor = self.output(self.pooled(features).mean(dim=(2, 3)))
        return logits

    def weighted_head(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Logits, and the mean gradient at the feature maps: the head's own weights over the number of cells."""
        return self.head(features), (self.output.weight / self.cell_count).expand(len(features), -1)
