from dataclasses import replace

import numpy as np

from imaging.roc import Estimate
from training.labels.audited import Opinion
from training.labels.figures import noise_figure, quality_figure
from training.labels.noise import Noise


def opinion(name, value, lower, upper):
    """An opinion whose shares are all the same."""
    share = Estimate(value, lower, upper)
    return Opinion(name, Estimate(0.8, 0.7, 0.9), Noise(share, share, share), 5)


def test_noise_is_drawn_even_where_its_interval_lacks_it():
    """A percentile interval may lie beside the value; other values make another picture."""
    one = noise_figure([opinion("cnn", 0.2, 0.1, 0.3), opinion("size", 0.4, 0.1, 0.3)])
    other = noise_figure([opinion("cnn", 0.2, 0.1, 0.3), opinion("size", 0.2, 0.1, 0.3)])

    assert one.uri != other.uri
    assert "Estimated share of wrong labels" in one.alt


def test_noise_that_is_not_known_is_not_drawn():
    """An auditor without an estimate takes no place."""
    known = opinion("cnn", 0.2, 0.1, 0.3)

    assert noise_figure([known]).uri == noise_figure([known, replace(opinion("size", 0, 0, 0), noise=None)]).uri


def test_credibility_is_drawn_by_class():
    """The same qualities with other labels make another picture."""
    qualities = np.array([0.1, 0.2, 0.8, 0.9])

    one, other = (quality_figure(np.array(labels), qualities).uri for labels in ([0, 0, 1, 1], [1, 0, 1, 0]))
    assert one != other
