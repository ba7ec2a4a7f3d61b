"""Other views of the same crops."""

import math

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

LARGEST_SHIFT_PX = 10.0


def view_chance(count: int, generator: Generator) -> Tensor:
    """What chance decides about as many views, (count, 5), uniform in [0, 1); from a generator of the CPU."""
    return torch.rand(count, 5, generator=generator)


def augmented(crops: Tensor, chance: Tensor) -> Tensor:
    """
    Flip, turn and shift each crop by chance: the paper's augmentation.

    Left and right, and front and back, change places in half of the crops each; the angle is any; the shift is up to
    10 pixels along rows and columns. All of it is one bilinear interpolation. Beyond the crop its rim goes on: a
    mirror image would show a second node.

    Args:
        crops: (n, channels, rows, columns); all channels of a crop go together.
        chance: As `view_chance` draws it, (n, 5); the only source of chance.
    """
    if not len(crops):
        return crops
    rows, columns = crops.shape[2:]
    flip_x, flip_y = ((chance[:, n] < 0.5) * 2.0 - 1.0 for n in (0, 1))
    angle = chance[:, 2] * 2 * math.pi
    # affine_grid counts in half sides of the crop: the ratio keeps a turned crop from being sheared.
    cos, sin, ratio = angle.cos(), angle.sin(), rows / columns
    top = torch.stack([cos * flip_x, -sin * flip_y * ratio], dim=1)
    bottom = torch.stack([sin * flip_x / ratio, cos * flip_y], dim=1)
    turn = torch.stack([top, bottom], dim=1)
    shift = (chance[:, 3:] * 2 - 1) * LARGEST_SHIFT_PX * 2 / torch.tensor([columns, rows])
    theta = torch.cat([turn, turn @ shift[:, :, None]], dim=2).to(crops.device)
    grid = F.affine_grid(theta, list(crops.shape), align_corners=False)
    return F.grid_sample(crops, grid, mode="bilinear", padding_mode="border", align_corners=False)
