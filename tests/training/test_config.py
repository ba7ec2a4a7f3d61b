import json
from dataclasses import replace
from math import inf, nan

import pytest

from tests.training.configs import CONFIG, SPEC, config
from training.config import RunConfig
from training.errors import InvalidOptions, InvalidRun


def test_choices_survive_the_file():
    """What is written is what is read."""
    assert CONFIG == RunConfig.from_json(CONFIG.to_json())


@pytest.mark.parametrize("text", ["", "[]", "{}", CONFIG.to_json().replace('"seed"', '"sead"')])
def test_other_text_is_refused(text):
    """A file that is not a run's choices makes a message."""
    with pytest.raises(InvalidRun, match="not the choices of a training run"):
        RunConfig.from_json(text)


@pytest.mark.parametrize(
    "choice",
    [
        {"epoch_count": 0},
        {"batch_size": 0},
        {"patience": 0},
        {"learning_rate": 0.0},
        {"learning_rate": inf},
        {"learning_rate": nan},
        {"seed": -1},
        {"guidance": -0.1},
        {"guidance": nan},
    ],
)
def test_numbers_out_of_range_are_refused(choice):
    """The message names the choice."""
    with pytest.raises(InvalidOptions, match=next(iter(choice))):
        config(**choice)


def test_a_run_from_before_guidance_had_none():
    """Folders of runs that know nothing of guidance are read as before."""
    earlier = json.loads(CONFIG.to_json())
    del earlier["guidance"]

    assert CONFIG == RunConfig.from_json(json.dumps(earlier))


def test_differences_are_named_one_by_one():
    """Those of the spec have their own names."""
    other = config(seed=1, spec=replace(SPEC, side_mm=30.0))

    assert [("seed", 0, 1), ("side_mm", 24.0, 30.0)] == CONFIG.differences(other)
    assert [] == CONFIG.differences(CONFIG)
