"""Figures of a run."""

import numpy as np
import pytest
from matplotlib.image import imread

from imaging.calibration import calibration_of
from training.course import Course, Epoch
from training.curves import draw_decision, draw_gap, draw_loss, draw_reliability, draw_roc
from training.statistics.net_benefit import decision_curve

LABELS, PROBABILITIES = np.arange(40) % 2, (np.arange(40) % 7) / 7 + 0.05
EPOCHS = (Epoch(1, 0.7, 0.7, 0.5, 0.6), Epoch(2, 0.6, 0.65, 0.6, 0.9))
OLD = (Epoch(1, 0.7, 0.7, 0.5), Epoch(2, 0.6, 0.65, 0.6))
COURSES = {"fold 1": Course(EPOCHS, EPOCHS[1]), "fold 2": Course(OLD, OLD[1])}

FIGURES = {
    "roc": lambda path: draw_roc(path, LABELS, {"cnn": PROBABILITIES}, "title"),
    "loss": lambda path: draw_loss(path, COURSES, "title"),
    "gap": lambda path: draw_gap(path, COURSES, 0.7, "title"),
    "reliability": lambda path: draw_reliability(path, calibration_of(LABELS, PROBABILITIES, np.arange(40)), "title"),
    "decision": lambda path: draw_decision(path, decision_curve(LABELS, PROBABILITIES, np.arange(40)), "title"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_drawn(tmp_path, name):
    """Each figure is a PNG with something on it, also where an older run lacks the training AUC."""
    FIGURES[name](tmp_path / "figure.png")
    picture = imread(tmp_path / "figure.png")

    assert picture.shape[2] == 4
    assert picture[..., :3].std() > 0.02
