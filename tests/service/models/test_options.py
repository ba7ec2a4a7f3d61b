"""What an operator may choose about models."""

import argparse

import pytest

from service.faults import CannotStart
from service.models.options import ModelOptions
from service.models.trial import Trial


def options(*words):
    """The choices of a command line."""
    parser = argparse.ArgumentParser()
    ModelOptions.add_arguments(parser)
    return ModelOptions.from_arguments(parser.parse_args(words))


def test_by_default_only_released_models_are_served():
    """No research, no trials, and a look at the folder every 5 seconds."""
    assert ModelOptions(allow_research=False, poll_s=5.0, canaries=(), shadow=None) == options()


def test_all_can_be_chosen():
    """Several models have a canary each; one shadow follows them all."""
    words = ["--allow-research", "--poll-seconds", "0", "--shadow", "cnn", "--shadow-share", "0.2"]
    chosen = options(*words, "--canary", "cnn@2=0.1", "--canary", "cnn-gap@3=1")

    assert (Trial("canary", "cnn", 2, 0.1), Trial("canary", "cnn-gap", 3, 1.0)) == chosen.canaries
    assert Trial("shadow", "cnn", 0, 0.2) == chosen.shadow
    assert (True, 0.0) == (chosen.allow_research, chosen.poll_s)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--poll-seconds", "-1"], "--poll-seconds must be at least 0"),
        (["--poll-seconds", "nan"], "--poll-seconds must be at least 0"),
        (["--canary", "cnn@2"], "--canary"),
        (["--canary", "cnn@2=much"], r"must be NAME@VERSION=SHARE, such as cnn-gap@2=0\.05"),
        (["--canary", "cnn=0.1"], "must name a version"),
        (["--canary", "cnn@2=2"], "above 0 and at most 1"),
        (["--canary", "cnn@2=0.1", "--canary", "cnn@3=0.1"], "one canary at most"),
        (["--shadow", "cnn", "--shadow-share", "0"], "above 0 and at most 1"),
    ],
)
def test_what_cannot_be_is_refused(words, message):
    """The server does not start, and the message has an example."""
    with pytest.raises(CannotStart, match=message):
        options(*words)
