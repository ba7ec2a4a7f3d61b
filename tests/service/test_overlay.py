"""Pictures of a node and of where the network looked."""

import numpy as np
import pytest
from matplotlib.image import imread

from service.overlay import overlay_pixels, save_overlay
from tests.service.answers import crop


def drawn(path, heat):
    """The picture's pixels, (rows, columns, RGBA)."""
    save_overlay(path, crop(), heat, "Node 1")
    return imread(path)


@pytest.fixture
def cold(tmp_path):
    """The picture without any heat."""
    return drawn(tmp_path / "cold.png", np.zeros((3, 24, 24), np.float32))


def test_the_nodes_outline_is_drawn(cold):
    """Cyan lines, which nothing else in the picture has, stand in both halves."""
    red, green, blue = (cold[..., n] for n in range(3))
    columns = np.nonzero((red < 0.2) & (green > 0.7) & (blue > 0.8))[1]

    assert (columns < cold.shape[1] / 2).any()
    assert (columns > cold.shape[1] / 2).any()


def test_heat_colours_the_right_half_only(tmp_path, cold):
    """The plain CT stays beside it for comparison; heat is laid where it was found."""
    heat = np.zeros((3, 24, 24), np.float32)
    heat[:, :12, :12] = 5.0

    changed = np.abs(drawn(tmp_path / "hot.png", heat) - cold).max(axis=2) > 0.1

    left, right = np.hsplit(changed[60:], 2)
    assert not left.any()
    assert right[: len(right) // 2].sum() > 5 * right[len(right) // 2 :].sum()


def test_heat_is_shown_relative_to_its_peak(tmp_path):
    """Twice the heat gives the same colours: networks have no common scale, the colour bar tells the peak."""
    heat = np.random.default_rng(0).random((3, 24, 24), np.float32)

    single, double = drawn(tmp_path / "1.png", heat), drawn(tmp_path / "2.png", 2 * heat)

    assert np.mean(np.abs(single - double).max(axis=2) > 0.1) < 0.01


def test_no_heat_is_no_error(cold):
    """A node without positive evidence gets its picture, without colour over the CT."""
    assert np.isfinite(cold).all()
    assert cold.shape[2] == 4


def test_pixels_are_framed_by_what_the_network_saw():
    """White dots stand in both halves, and nowhere else does the frame change the picture."""
    heat = np.zeros((3, 24, 24), np.float32)

    narrow, wide = (overlay_pixels(crop(), heat, "Node 1", seen_mm) for seen_mm in (12.0, 20.0))

    changed = np.abs(narrow.astype(int) - wide).max(axis=2) > 25
    assert (np.uint8, 3) == (narrow.dtype, narrow.shape[2])
    assert [True, True] == [half.any() for half in np.hsplit(changed, 2)]
    assert changed.mean() < 0.02
