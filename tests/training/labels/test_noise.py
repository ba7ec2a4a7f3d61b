import numpy as np
import pytest

from tests.training.labels.panels import noisy_panel
from training.labels.noise import estimated_noise, label_qualities, suspects


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_top_quarter_holds_the_wrong_labels(seed):
    """At 20 % wrong labels, a quarter of the nodes has at least 2.5 times the base rate."""
    panel, flipped = noisy_panel(seed=seed)

    worst = np.argsort(label_qualities(panel.labels, panel.probabilities))[: len(flipped) // 4]

    assert flipped[worst].mean() >= 2.5 * flipped.mean()


def test_the_noise_is_estimated():
    """With auditors who see well, the interval of the estimate holds the true share."""
    panel, flipped = noisy_panel(count=600, shift=3.0)

    noise = estimated_noise(panel.labels, panel.probabilities, panel.patients, 0)

    assert noise.total.lower <= flipped.mean() <= noise.total.upper
    assert noise.among_benign.lower <= flipped[panel.labels == 0].mean() <= noise.among_benign.upper
    assert noise.among_metastatic.lower <= flipped[panel.labels == 1].mean() <= noise.among_metastatic.upper


def test_the_classes_are_told_apart():
    """Where only metastatic nodes are labelled wrong, the noise is among the benign labels."""
    panel, flipped = noisy_panel(count=600, shift=4.0)
    truth = np.where(flipped, 1 - panel.labels, panel.labels)
    labels = np.where(flipped & (truth == 1), 0, truth)

    noise = estimated_noise(labels, panel.probabilities, panel.patients, 0)

    assert noise.among_benign.value == pytest.approx((labels != truth)[labels == 0].mean(), abs=0.04)
    assert noise.among_metastatic.upper < noise.among_benign.lower


def test_clean_labels_are_believed():
    """Where every label fits, no noise is found, and nothing is suspect."""
    labels = np.arange(40) % 2
    probabilities = np.where(labels, 0.9, 0.1)

    noise = estimated_noise(labels, probabilities, [str(n) for n in range(40)], 0)

    assert (0, 0, 0) == (noise.total.value, noise.total.lower, noise.total.upper)
    assert not suspects(labels, probabilities).any()


def test_a_quality_is_the_probability_of_the_label():
    """The label that its auditors believe least comes first."""
    assert [0.75, 0.25] == label_qualities(np.array([0, 1]), np.array([0.25, 0.25])).tolist()


def test_suspects_are_mostly_wrong():
    """Of the labels that are doubted, more are wrong than right."""
    panel, flipped = noisy_panel(count=600, shift=3.0)

    doubted = suspects(panel.labels, panel.probabilities)

    assert flipped[doubted].mean() > 0.7
    assert doubted[flipped].mean() > 0.7
