from dataclasses import replace

import pytest

from training.errors import InvalidOptions
from training.reproduction.settings import FRESH_WEIGHTS, HEADLINE_SHARE, Settings, Training, quick


def test_the_full_size_is_that_of_the_paper():
    """As many patients and nodes, and networks trained alike, but for learning rates and pretrained weights."""
    settings = Settings()

    rates = [f"a learning rate of {rate}, chosen here" for rate in ("0.0003", "0.0003", "0.0001")]
    assert (385, 608) == (settings.patient_count, settings.node_count)
    assert [(rates[0],), (rates[1],), (rates[2], FRESH_WEIGHTS)] == [
        each.training.deviations() for each in settings.experiments
    ]


def test_all_deviations_are_in_one_list():
    """Those of the phantoms, of each experiment by its name, and of the cure's network, which is not the paper's."""
    found = Settings().deviations()

    assert "phantoms instead of patients" == found[0]
    assert "CNN with augmentation: a learning rate of 0.0003, chosen here" in found
    assert "ResNet-50: no pretrained weights" in found
    assert "cnn-gap, which is not in the paper: 16 slices a step instead of 4" in found
    assert "cnn-gap, which is not in the paper: a box of 26 mm, whatever the nodes" in found
    assert not [words for words in replace(Settings(), pooling_shares=()).deviations() if "cnn-gap" in words]


def test_what_is_quick_says_what_it_left_out():
    """Smaller cohorts, inputs and trainings are named, each with the paper's own number."""
    settings = quick(Settings())

    found = settings.deviations()
    assert f"{settings.patient_count} patients instead of 385" in found
    assert "phantoms of the preset easy, not literature" in found
    assert "CNN without augmentation: 32 px of input instead of 224" in found
    assert "ResNet-50: 8 epochs instead of 30" in found


def test_what_is_quick_tests_on_more_slices_than_a_handful():
    """A tenth of them is above 30, and it reviews a quarter of all as the whole does."""
    settings = quick(Settings())

    assert settings.node_count / 10 > 30
    assert HEADLINE_SHARE == settings.shares[-1] == settings.pooling_shares[-1]


def test_quick_keeps_what_else_was_chosen():
    """Seed and noise are those that were asked for."""
    settings = quick(Settings(seed=3, label_noise=0.1))

    assert (3, 0.1) == (settings.seed, settings.label_noise)


@pytest.mark.parametrize("noise", [-0.1, 0.5])
def test_noise_that_leaves_nothing_is_refused(noise):
    """From one half on, labels say the contrary or nothing."""
    with pytest.raises(InvalidOptions, match=r"must be from 0 to below 0\.5"):
        Settings(label_noise=noise)


@pytest.mark.parametrize("shares", [(0.1, 0.2), (0.0, 0.3, 0.2), (0.0, 1.5)])
def test_reviews_start_from_none(shares):
    """The curve begins without a review, and never goes back."""
    with pytest.raises(InvalidOptions, match="must ascend from 0"):
        Settings(shares=shares)


def test_an_unknown_network_is_refused():
    """The message lists those that there are."""
    with pytest.raises(InvalidOptions, match="there are cnn, cnn-gap, resnet50"):
        Training("vgg")
