"""Words that several commands take."""

import argparse

import pytest

from imaging.crop import EdgePolicy
from service.arguments import add_edge, add_model, address, complain, count, seconds


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


def test_commands_ask_alike():
    """For the server's default model and its newest version; a node at the edge is reported."""
    parser = argparse.ArgumentParser()
    add_model(parser)
    add_edge(parser)

    assert {"model": "", "model_version": 0, "edge": EdgePolicy.REPORT} == vars(parser.parse_args([]))


def test_what_must_be_mended_is_told_in_one_line(capsys):
    """With the program's name, on stderr; the exit code is 2."""
    assert 2 == complain("nodelens-score", ValueError("first line\n  and   second"))
    assert ("", "nodelens-score: first line and second\n") == capsys.readouterr()
