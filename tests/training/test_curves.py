"""Figures of a run."""

from matplotlib.image import imread

from training.curves import draw_loss, draw_roc
from training.run import Epoch


def test_figures_are_drawn(tmp_path):
    """Both figures are PNGs with something on them."""
    epochs = [Epoch(1, 0.7, 0.7, 0.5), Epoch(2, 0.6, 0.65, 0.6)]
    draw_roc(tmp_path / "roc.png", [0, 1, 0, 1], {"cnn": [0.1, 0.4, 0.2, 0.3]}, "title")
    draw_loss(tmp_path / "loss.png", epochs, epochs[1], "title")

    for name in ("roc.png", "loss.png"):
        picture = imread(tmp_path / name)
        assert picture.shape[2] == 4
        assert picture[..., :3].std() > 0.02
