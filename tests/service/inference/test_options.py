"""The words of the command line about sharing."""

import argparse

import pytest

from service.faults import CannotStart
from service.inference.options import InferenceOptions


def options(*words):
    """The options of a command line."""
    parser = argparse.ArgumentParser()
    InferenceOptions.add_arguments(parser)
    return InferenceOptions.from_arguments(parser.parse_args(words))


def test_nothing_needs_to_be_said():
    """By default a free device waits for nobody, and computes exactly."""
    assert InferenceOptions() == options()
    assert 0 == options().max_delay_s
    assert not options().cuda.tf32


def test_all_can_be_said():
    """Milliseconds become seconds, and MiB bytes."""
    said = options("--workers", "3", "--max-batch", "8", "--max-delay-ms", "5", "--gpu-memory-mib", "2", "--tf32")

    assert (3, 8, 0.005, 2**21, True) == (
        said.worker_count,
        said.max_batch,
        said.max_delay_s,
        said.cuda.memory_bytes,
        said.cuda.tf32,
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--workers", "0"), "must be at least 1"),
        (("--gpu-memory-mib", "0"), "must be at least 1"),
        (("--max-batch", "24"), "must be a power of two"),
        (("--max-batch", "0"), "must be a power of two"),
        (("--max-delay-ms", "-1"), "from 0 to 1000"),
        (("--max-delay-ms", "nan"), "from 0 to 1000"),
    ],
)
def test_impossible_numbers_are_refused(words, message):
    """The server does not start with them."""
    with pytest.raises(CannotStart, match=message):
        options(*words)
