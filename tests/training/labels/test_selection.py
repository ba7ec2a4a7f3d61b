import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.errors import InvalidOptions
from training.labels.selection import chosen, chosen_among

QUALITIES = np.random.default_rng(0).random(200)


@given(st.integers(1, 60), st.floats(0, 1), st.integers(0, 99), st.data())
def test_a_worklist_has_its_size(count, control_share, seed, data):
    """Whatever is asked for, each node stands in it once, for one reason at least, and the ranked ones have no gap."""
    size = data.draw(st.integers(1, count))
    qualities = np.random.default_rng(seed).random(count)

    choices = chosen(qualities, size, control_share, seed)

    assert size == len(choices) == len({choice.node for choice in choices})
    assert all(choice.ranked or choice.control for choice in choices)
    assert round(control_share * size) == sum(choice.control for choice in choices)
    ranks = sorted(choice.rank for choice in choices if choice.ranked)
    assert list(range(1, len(ranks) + 1)) == ranks


def test_of_nobody_nobody_is_asked_about():
    """Where all nodes were reviewed the worklist is empty, whatever its size was to be."""
    assert () == chosen_among([], QUALITIES, 10, 0.2, 0) == chosen_among([], QUALITIES, None, 0.2, 0)


def test_a_quarter_is_asked_about():
    """Without a number it is a quarter of the nodes, a fifth of them controls."""
    choices = chosen(QUALITIES, None, 0.2, 0)

    assert (50, 10) == (len(choices), sum(choice.control for choice in choices))


def test_the_least_credible_label_is_first():
    """Rank 1 is the label with the lowest quality."""
    (first,) = [choice for choice in chosen(QUALITIES, 50, 0.2, 0) if choice.rank == 1]

    assert QUALITIES.argmin() == first.node


def test_controls_do_not_know_the_ranking():
    """Another ranking leaves the same controls."""
    one, other = (chosen(each, 50, 0.4, 3) for each in (QUALITIES, 1 - QUALITIES))

    assert {c.node for c in one if c.control} == {c.node for c in other if c.control}


def test_the_order_tells_nothing():
    """Over many worklists, controls and high ranks stand as far from the top as all others do."""
    drawn = [chosen(QUALITIES, 50, 0.4, seed) for seed in range(200)]

    controls = [place for choices in drawn for place, choice in enumerate(choices) if choice.control]
    foremost = [place for choices in drawn for place, choice in enumerate(choices) if choice.rank <= 10]
    assert np.mean(controls) == pytest.approx(24.5, abs=1.0)
    assert np.mean(foremost) == pytest.approx(24.5, abs=1.0)


@pytest.mark.parametrize(
    ("size", "share", "message"),
    [
        (0, 0.2, "--size 0: there are 200 audited nodes"),
        (201, 0.2, "--size 201"),
        (10, -0.1, "--control-share -0.1: must be from 0 to 1"),
        (10, 1.1, "--control-share 1.1"),
        (10, float("nan"), "--control-share nan"),
    ],
)
def test_impossible_worklists_are_refused(size, share, message):
    """Neither more nodes than there are, nor more controls than nodes."""
    with pytest.raises(InvalidOptions, match=message):
        chosen(QUALITIES, size, share, 0)


def test_only_what_is_left_is_asked_about():
    """Ranks, controls and the size are among those that nobody has reviewed."""
    left = list(range(0, 200, 4))

    choices = chosen_among(left, QUALITIES, None, 0.25, 0)

    (first,) = [choice for choice in choices if choice.rank == 1]
    assert {choice.node for choice in choices} <= set(left)
    assert (12, 3) == (len(choices), sum(choice.control for choice in choices))
    assert min(left, key=lambda node: QUALITIES[node]) == first.node
