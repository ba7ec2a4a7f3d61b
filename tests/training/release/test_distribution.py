"""What a network learnt from."""

import pytest

from imaging.distribution import Feature
from tests.training.cohorts import GRID
from tests.training.fitted import answers
from training.release.distribution import training_distribution


def test_nodes_and_cts_are_counted(fitted):
    """Each feature is there; more nodes of one CT count its spacing once."""
    _, crops, _ = answers(fitted)
    told = {each.feature: each for each in training_distribution(crops, [0, 1, 1, 2], [0.1, 0.4])}

    assert set(Feature) == set(told)
    assert 3 == sum(told[Feature.SPACING_Z].counts)
    assert 4 == sum(told[Feature.VOLUME].counts)
    assert 2 == sum(told[Feature.PROBABILITY].counts)
    assert GRID.spacing_mm[0] == pytest.approx(sum(told[Feature.SPACING_Z].edges) / 2)
