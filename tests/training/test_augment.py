import pytest
import torch

from training.augment import LARGEST_SHIFT_PX, augmented, view_chance


def seeded(seed=0):
    """A generator of its own."""
    return torch.Generator().manual_seed(seed)


def viewed(crops, seed=0):
    """Another view of each crop."""
    return augmented(crops, view_chance(len(crops), seeded(seed)))


def disc(shape=(64, 64), radius_px=6.0, at=(0.0, 0.0)):
    """A smooth bright disc, (1, 1, rows, columns), at (row, column) from the middle."""
    rows, columns = ((torch.arange(n) - (n - 1) / 2 - offset) ** 2 for n, offset in zip(shape, at, strict=True))
    return torch.sigmoid(2 * (radius_px - (rows[:, None] + columns[None, :]).sqrt()))[None, None]


def centres(crops):
    """Centre of mass, (n, 2) in pixels from the middle."""
    offsets = torch.arange(crops.shape[-1]) - (crops.shape[-1] - 1) / 2
    mass = crops.sum(dim=(1, 2, 3))
    rows = (crops.sum(dim=(1, 3)) * offsets).sum(dim=1) / mass
    columns = (crops.sum(dim=(1, 2)) * offsets).sum(dim=1) / mass
    return torch.stack([rows, columns], dim=1)


def test_a_seed_gives_one_view():
    """The same chance gives the same pixels, another one other pixels."""
    crops = torch.rand(3, 1, 32, 32, generator=seeded())

    assert torch.equal(viewed(crops, 1), viewed(crops, 1))
    assert not torch.equal(viewed(crops, 1), viewed(crops, 2))


def test_values_stay_in_range():
    """A view of a crop in [0, 1] is in [0, 1], as the network expects."""
    views = viewed(torch.rand(50, 1, 32, 32, generator=seeded()))

    assert 0 <= views.min()
    assert views.max() <= 1


def test_shifts_reach_10_pixels_and_no_more():
    """The node moves by up to 10 pixels along rows and columns, whatever the angle."""
    moved = centres(viewed(disc().expand(500, -1, -1, -1))).abs()

    for axis in (0, 1):
        assert 9.5 < moved[:, axis].max() < LARGEST_SHIFT_PX + 0.1
        assert 4.5 < moved[:, axis].mean() < 5.5


def test_the_size_of_a_node_stays():
    """Nothing is zoomed: size is a sign of disease."""
    views = viewed(disc().expand(100, -1, -1, -1))

    assert torch.allclose(disc().sum(), views.sum(dim=(1, 2, 3)), rtol=0.01)


@pytest.mark.parametrize("shape", [(56, 112), (112, 56)])
def test_a_crop_that_is_not_square_is_not_sheared(shape):
    """A disc stays as large along rows as along columns at every angle."""
    views = viewed(disc(shape, radius_px=12.0).expand(50, -1, -1, -1))[:, 0]

    tall, wide = ((views > 0.5).any(dim=axis).sum(dim=1) for axis in (2, 1))
    assert (tall - wide).abs().max() <= 1


def test_views_are_turned_and_mirrored():
    """Angles of all quarters occur, and about half of the views are mirror images."""
    middle, right, below = (
        centres(viewed(disc(radius_px=3.0, at=at).expand(400, -1, -1, -1)))
        for at in ((0.0, 0.0), (0.0, 10.0), (10.0, 0.0))
    )

    a, b = right - middle, below - middle
    quarters = torch.atan2(a[:, 0], a[:, 1]).div(torch.pi / 2).floor().unique()
    mirrored = (a[:, 1] * b[:, 0] - a[:, 0] * b[:, 1]) < 0
    assert [-2, -1, 0, 1] == quarters.tolist()
    assert 0.4 < mirrored.float().mean() < 0.6
    assert torch.allclose(a.norm(dim=1), torch.tensor(10.0), atol=0.05)


def test_the_rim_is_no_black_frame():
    """Beyond the crop its rim goes on, it is not black."""
    assert torch.allclose(torch.ones(20, 1, 32, 32), viewed(torch.ones(20, 1, 32, 32)))


def test_channels_of_a_crop_go_together():
    """A mask beside its pixels moves as they do."""
    crops = disc().expand(20, 2, -1, -1)

    pixels, masks = viewed(crops).unbind(dim=1)

    assert torch.equal(pixels, masks)
