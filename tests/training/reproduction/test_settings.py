import pytest

from training.errors import InvalidOptions
from training.reproduction.settings import FRESH_WEIGHTS, Settings, Training, quick


def test_the_full_size_is_that_of_the_paper():
    """As many patients and nodes, and networks trained alike; only ResNet-50's pretrained weights are missing."""
    settings = Settings()

    assert (385, 608, ()) == (settings.patient_count, settings.node_count, settings.deviations())
    assert [(), (), (FRESH_WEIGHTS,)] == [each.training.deviations() for each in settings.experiments]


def test_what_is_quick_says_what_it_left_out():
    """Smaller cohorts, inputs and trainings are named, each with the paper's own number."""
    settings = quick(Settings())

    assert (
        f"{settings.patient_count} patients instead of 385",
        "phantoms of the preset easy, not literature",
    ) == settings.deviations()
    assert "64 px of input instead of 224" in settings.experiments[0].training.deviations()
    assert "6 epochs instead of 30" in settings.experiments[2].training.deviations()


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
