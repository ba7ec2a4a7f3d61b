"""Words that several commands take."""

import argparse

import pytest

from service.arguments import address, count, seconds


def test_words_become_what_they_mean():
    """Addresses stay text, numbers become numbers."""
    assert ("localhost:1", "[::1]:2") == (address("localhost:1"), address("[::1]:2"))
    assert (0.5, 3) == (seconds("0.5"), count("3"))


@pytest.mark.parametrize(
    ("word", "text"),
    [
        (address, "localhost"),
        (address, ":1"),
        (address, "http://localhost:1"),
        (seconds, "0"),
        (seconds, "inf"),
        (seconds, "nan"),
        (count, "0"),
        (count, "-1"),
        (count, "1.5"),
    ],
)
def test_words_that_mean_nothing_are_refused(word, text):
    """With what is allowed."""
    with pytest.raises(argparse.ArgumentTypeError, match="must be"):
        word(text)
