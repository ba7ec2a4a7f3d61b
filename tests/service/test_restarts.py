"""A server that is killed or restarted while it is asked costs its callers time, and no answer."""

import asyncio
import signal

import pytest

from service.async_client import AsyncNodeClassifier
from service.client import NodeClassifier
from service.connection import Connection
from service.refusal import ServerUnreachable
from service.retry import RetryPolicy
from tests.service.restarts import restarting
from tests.service.scans import scan

IN_HASTE = Connection(RetryPolicy(absence_s=2.0))


def probabilities(found):
    """Of the scored nodes, in order."""
    return [node.score.probability for node in found.nodes if node.score]


@pytest.fixture
def place(models, tmp_path):
    """A server that can be restarted."""
    with restarting(models, tmp_path) as place:
        yield place


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_a_server_that_is_restarted_over_a_request_answers_it_in_the_end(place, number):
    """Killed by -9, or told to stop without grace, in the middle of an upload: what was sent is sent again."""
    volume, mask = scan()
    told = []
    interrupt = place.at(0.4, lambda: place.restart(number))

    def progress(sent, total):
        told.append(sent / total)
        interrupt(sent, total)

    with NodeClassifier(place.server.address) as classifier:
        expected = classifier.classify(volume, mask, "cnn-gap", whole_volume=True)
        found = classifier.classify(volume, mask, "cnn-gap", whole_volume=True, progress=progress)

    assert probabilities(expected) == probabilities(found)
    assert 1.0 == told[-1]
    assert told.count(told[0]) == 2


def test_the_same_when_awaited(place):
    """All is sent and the server computes when it is killed; the awaiting client gets its answer too."""
    volume, mask = scan()

    async def asked():
        async with AsyncNodeClassifier(place.server.address) as classifier:
            expected = await classifier.classify(volume, mask, "cnn-gap")
            restart = place.at(1.0, lambda: place.restart(signal.SIGKILL))
            return expected, await classifier.classify(volume, mask, "cnn-gap", progress=restart)

    expected, found = asyncio.run(asked())

    assert probabilities(expected) == probabilities(found)


def test_a_server_that_never_comes_back_is_unreachable(place):
    """The caller hears of it after the time that a server may be away, long before the deadline of the call."""
    volume, mask = scan()
    kill = place.at(0.4, lambda: place.end(signal.SIGKILL))

    with (
        NodeClassifier(place.server.address, timeout_s=3600.0, connection=IN_HASTE) as classifier,
        pytest.raises(ServerUnreachable, match="within 2 s"),
    ):
        classifier.classify(volume, mask, "cnn-gap", progress=kill)


def test_nor_does_a_caller_wait_beyond_the_deadline(place):
    """The deadline holds for all attempts together."""
    volume, mask = scan()
    kill = place.at(0.4, lambda: place.end(signal.SIGKILL))

    with (
        NodeClassifier(place.server.address, timeout_s=1.5) as classifier,
        pytest.raises(ServerUnreachable, match=r"within (1\.\d+|0\.\d+) s"),
    ):
        classifier.classify(volume, mask, "cnn-gap", progress=kill)
