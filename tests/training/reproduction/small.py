"""A reproduction that takes seconds, and courses of cures that take none."""

import numpy as np

from training.reproduction.cure import Course, Point
from training.reproduction.review import Arm
from training.reproduction.settings import Experiment, Settings, Training

SETTINGS = Settings(
    preset="easy",
    patient_count=16,
    label_noise=0.3,
    experiments=(Experiment("CNN with augmentation", Training("cnn", True, epoch_count=2, input_px=16), 0.63),),
    shares=(0.0, 0.25),
    fold_count=2,
    pooling=Training("cnn-gap", epoch_count=1, batch_size=8, input_px=16),
    pooling_shares=(),
    draw_count=2,
)

LABELS = np.arange(200) % 2
"""Of the nodes of `course_of`."""


def course_of(noisy: float, guided: float, random: float, clean: float) -> Course:
    """A course with one model and one review, whose scores lie as far apart between the classes as told, in SDs."""
    deviations = np.random.default_rng(0).normal(size=len(LABELS))

    def point(arm: Arm | None, share: float, shift: float) -> Point:
        return Point(arm, share, round(share * len(LABELS)), 0.4, {"LR": shift * LABELS + deviations}, {})

    reviews = (point(Arm.GUIDED, 0.25, guided), point(Arm.RANDOM, 0.25, random))
    return Course(point(None, 0.0, noisy), point(None, 0.0, clean), reviews)
