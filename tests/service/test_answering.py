"""What calls that score have in common."""

import asyncio

import pytest

from nodelens.v1 import node_classifier_service_pb2 as messages
from service.admission.gate import Gate
from service.admission.limits import Limits
from service.answering import Answering, turn
from service.faults import InvalidRequest, NotServing, TimeSpent, UnknownModel
from service.logs import REQUEST_ID
from service.metrics import Metrics
from service.options import ClassifyOptions
from tests.service.parts import parts_of


class Waiting:
    """A call with so many seconds left."""

    def __init__(self, left_s):
        self._left_s = left_s

    def time_remaining(self):
        """What is left."""
        return self._left_s


@pytest.fixture(scope="module")
def parts(models):
    """What calls share."""
    with parts_of(models) as shared:
        yield shared


@pytest.fixture
def given_id():
    """The id that a call was given; the calls of other tests have theirs."""
    token = REQUEST_ID.set("made-up")
    yield "made-up"
    REQUEST_ID.reset(token)


def test_a_request_is_known_by_its_id(parts, given_id):
    """The caller's own, or else the one that the call was given."""
    answering = Answering(parts)

    assert (given_id, ClassifyOptions()) == answering.checked("", messages.ClassifyOptions())
    assert ("mine", ClassifyOptions()) == answering.checked("mine", messages.ClassifyOptions())
    assert "mine" == REQUEST_ID.get()


def test_an_id_that_may_not_be_logged_is_refused_before_it_is(parts, given_id):
    """The log goes on with the one that the call was given."""
    with pytest.raises(InvalidRequest, match="request_id"):
        Answering(parts).checked("Canary^Carla", messages.ClassifyOptions())
    assert given_id == REQUEST_ID.get()


def test_a_server_that_is_ending_takes_nothing_more(parts):
    """That is told before any field is looked at."""
    parts.gate.close(NotServing("ending", 1.0))
    try:
        with pytest.raises(NotServing):
            Answering(parts).checked("Canary^Carla", messages.ClassifyOptions())
    finally:
        parts.gate.open()


def test_the_model_is_borrowed_while_it_is_asked(parts):
    """One that is not there is refused at once."""
    with Answering(parts).asking("cnn-gap", 1, "r", ClassifyOptions()) as asked:
        assert ("cnn-gap", 1, "r") == (asked.model.ref.name, asked.model.ref.version, asked.request_id)
    with pytest.raises(UnknownModel), Answering(parts).asking("vgg", 0, "r", ClassifyOptions()):
        pass


def test_nothing_is_begun_for_which_nobody_waits():
    """A call whose deadline has passed gets no turn; another does."""

    async def scene():
        gate = Gate(Limits(1, 1, 100, 1, 1, 1.0, 1.0), Metrics())
        with gate.admitted(1) as place:
            with pytest.raises(TimeSpent):
                await turn(place, Waiting(0.0))
            await turn(place, Waiting(None))

    asyncio.run(scene())
