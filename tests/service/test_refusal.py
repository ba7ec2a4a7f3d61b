"""A call that fails is explained in one sentence, over real connections."""

import socket
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest

from service.client import NodeClassifier
from service.faults import InvalidRequest, NotServing, Overloaded, Reason
from service.refusal import CallFailed, Refused, ServerUnreachable, TryLater
from service.status import status_of


class Answering(grpc.GenericRpcHandler):
    """Lets one function answer every call."""

    def __init__(self, answer):
        self.answer = answer

    def service(self, details):
        """The handler of any method."""
        return grpc.unary_unary_rpc_method_handler(self.answer)


@pytest.fixture
def served():
    """Starts a gRPC server whose every call is answered by a function, and tells its address."""
    servers = []

    def start(*answers):
        server = grpc.server(ThreadPoolExecutor(1), handlers=[Answering(answer) for answer in answers])
        servers.append(server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        return f"127.0.0.1:{port}"

    yield start
    for server in servers:
        server.stop(None).wait()


def failure_at(address):
    """What a client says that asks for the models there."""
    with NodeClassifier(address, connect_timeout_s=1.0) as classifier, pytest.raises(CallFailed) as caught:
        classifier.models()
    return caught.value


def test_a_closed_port_is_named_with_what_to_do():
    """The address stands in the message, and the server to start."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"

    failure = failure_at(address)

    assert isinstance(failure, ServerUnreachable)
    assert f"no server answers at {address}" in str(failure)
    assert "nodelens-serve" in str(failure)


def test_a_port_that_never_answers_is_given_up():
    """A host that accepts and stays silent does not hold the caller for ever."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()

        failure = failure_at(f"127.0.0.1:{silent.getsockname()[1]}")

    assert isinstance(failure, ServerUnreachable)
    assert "within 1 s" in str(failure)


def test_another_grpc_server_is_not_mistaken_for_ours(served):
    """A server without our service is called so."""
    failure = failure_at(served())

    assert isinstance(failure, ServerUnreachable)
    assert "not a NodeLens server" in str(failure)


def test_all_fields_that_the_server_names_are_told(served):
    """The violations of a BadRequest become a sentence with field and reason."""
    fault = InvalidRequest("volume.geometry.spacing_mm[2]", "must be above 0 mm, got -1.0", Reason.INVALID_GEOMETRY)

    failure = failure_at(served(lambda request, context: context.abort_with_status(status_of(fault))))

    assert (Refused, "INVALID_GEOMETRY") == (type(failure), failure.reason)
    assert "volume.geometry.spacing_mm[2]: must be above 0 mm, got -1.0" in str(failure)


@pytest.mark.parametrize(("fault", "reason"), [(Overloaded, "OVERLOADED"), (NotServing, "NOT_SERVING")])
def test_a_server_that_names_a_time_may_be_asked_again(served, fault, reason):
    """When, and why, can be read by programs."""
    status = status_of(fault("there is no room now", 1.5))

    failure = failure_at(served(lambda request, context: context.abort_with_status(status)))

    assert isinstance(failure, TryLater)
    assert (1.5, reason) == (failure.retry_s, failure.reason)
    assert "refuses: there is no room now" in str(failure)


def test_a_refusal_without_details_keeps_its_message(served):
    """A status of another kind is told as it is."""
    answer = served(lambda request, context: context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "too large"))

    assert "too large" in str(failure_at(answer))


def test_a_bug_of_the_server_is_called_its_failure(served):
    """The caller is not told to mend anything, and where to look."""
    failure = failure_at(served(lambda request, context: context.abort(grpc.StatusCode.INTERNAL, "bug")))

    assert not isinstance(failure, Refused | ServerUnreachable)
    assert "failed (INTERNAL: bug)" in str(failure)
