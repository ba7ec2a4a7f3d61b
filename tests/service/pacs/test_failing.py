"""What a failed call means to a study."""

import grpc
import pytest

from imaging.mask import NodeMask
from service.client import NodeClassifier
from service.connection import Connection
from service.faults import Overloaded, ServiceFault, UnknownModel
from service.options import ClassifyOptions
from service.pacs.failing import meaning_of
from service.pacs.faults import NotToBeScored, ServiceAway, StudyFailed
from service.refusal import TooSlow, failure_of
from service.retry import RetryPolicy
from service.status import status_of
from tests.service.scans import scan


class Failed(grpc.RpcError):
    """A call that ended with a status."""

    def __init__(self, code, details="", metadata=()):
        self._status = code, details, metadata

    def code(self):
        """The code."""
        return self._status[0]

    def details(self):
        """The words."""
        return self._status[1]

    def trailing_metadata(self):
        """The details."""
        return self._status[2]


def failure(error) -> ServiceFault:
    """What a client makes of it."""
    try:
        raise failure_of(error, "host:1", 1.0) from error
    except ServiceFault as fault:
        return fault


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("UNAVAILABLE", ServiceAway),
        ("UNAUTHENTICATED", ServiceAway),
        ("PERMISSION_DENIED", ServiceAway),
        ("FAILED_PRECONDITION", ServiceAway),
        ("NOT_FOUND", ServiceAway),
        ("UNIMPLEMENTED", ServiceAway),
        ("INVALID_ARGUMENT", NotToBeScored),
        ("RESOURCE_EXHAUSTED", NotToBeScored),
        ("INTERNAL", StudyFailed),
        ("DEADLINE_EXCEEDED", StudyFailed),
        ("CANCELLED", StudyFailed),
    ],
)
def test_a_code_is_the_service_s_the_study_s_or_final(code, meaning):
    """What every study would meet is the service's."""
    assert meaning is type(meaning_of(failure(Failed(grpc.StatusCode[code]))))


def test_a_server_without_room_is_away_for_as_long_as_it_says():
    """RESOURCE_EXHAUSTED with RetryInfo is no verdict on the study."""
    status = status_of(Overloaded("full", 3.5))
    meaning = meaning_of(failure(Failed(status.code, status.details, status.trailing_metadata)))

    assert (ServiceAway, 3.5) == (type(meaning), meaning.retry_s)


def test_no_model_is_the_service_s():
    """The operator has to choose another."""
    assert isinstance(meaning_of(UnknownModel("no model x")), ServiceAway)
    assert isinstance(meaning_of(TooSlow("too slow")), StudyFailed)
    assert isinstance(meaning_of(ServiceFault("something")), StudyFailed)


def test_a_server_that_is_not_there_is_away():
    """Nothing answers on port 1."""
    once = Connection(RetryPolicy(1))
    with NodeClassifier("127.0.0.1:1", connection=once) as client, pytest.raises(ServiceFault) as caught:
        client.models()

    assert isinstance(meaning_of(caught.value), ServiceAway)


def test_a_real_server_s_refusal_is_final(server):
    """With the field that it names."""
    volume, mask = scan()
    with NodeClassifier(server.address) as client, pytest.raises(ServiceFault) as caught:
        client.classify(volume, NodeMask(mask.labels, mask.geometry), options=ClassifyOptions(operating_point=2.0))

    meaning = meaning_of(caught.value)

    assert isinstance(meaning, NotToBeScored)
    assert "options.operating_point" in str(meaning)
