"""Pictures inside a page."""

import base64

from training.report.picture import Picture, new_figure


def test_a_picture_is_a_png(tmp_path):
    """A figure drawn into a page, and the same figure read from its file, are the same PNG."""
    figure, axes = new_figure("Loss")
    axes.plot([1, 2], [3, 4])
    figure.savefig(tmp_path / "loss.png")
    drawn, read = Picture.of(figure, "Loss"), Picture.read(tmp_path / "loss.png", "Loss")

    assert drawn == read
    assert base64.b64decode(drawn.uri.removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
