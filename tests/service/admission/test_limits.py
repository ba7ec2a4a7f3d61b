"""Limits on the command line."""

import pytest

from service.faults import CannotStart
from service.settings import Settings


def limits(*options):
    """The limits of a server that is started with these options."""
    return Settings.from_arguments(["--models", "models", *options]).limits


def test_every_limit_has_a_default():
    """A server that is told nothing takes a CT of 512 x 512 x 2000, and works on one request at least."""
    assert limits().voxel_count >= 512 * 512 * 2000
    assert limits().concurrent_count >= 1


def test_limits_are_the_operators():
    """Each option sets its limit; MiB become bytes."""
    options = "--concurrent 3 --max-queue 0 --max-in-flight-mib 5 --max-voxels 7 --max-nodes 8 --max-seconds 9"
    found = limits(*options.split(), "--idle-timeout", "2.5")

    assert (3, 0, 5 * 2**20) == (found.concurrent_count, found.queue_count, found.in_flight_bytes)
    assert (7, 8, 9.0, 2.5) == (found.voxel_count, found.node_count, found.request_s, found.idle_s)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--concurrent", "0"),
        ("--max-queue", "-1"),
        ("--max-in-flight-mib", "0"),
        ("--max-voxels", "0"),
        ("--max-nodes", "0"),
        ("--max-seconds", "nan"),
        ("--idle-timeout", "0"),
    ],
)
def test_limits_that_serve_nobody_are_refused(option, value):
    """The option is named."""
    with pytest.raises(CannotStart, match=f"{option} "):
        limits(option, value)
