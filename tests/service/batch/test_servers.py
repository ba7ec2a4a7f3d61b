"""Several servers of one model."""

import shutil
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from service.batch.faults import ModelDiffers, Stopped
from service.batch.servers import Servers
from service.faults import UnknownModel
from service.options import ClassifyOptions
from service.refusal import ServerUnreachable
from service.security.credentials import PLAINTEXT
from tests.service.batch.cohorts import variant
from tests.service.models.published import publish, shifted
from tests.service.servers import running_server

OPTIONS = ClassifyOptions()


def at(*addresses, model="cnn-gap", version=1, patience_s=20.0, stop=None):
    """These servers as one."""
    return Servers.at(addresses, model, version, 60.0, patience_s, PLAINTEXT, stop or Event())


def free_address():
    """An address at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


def test_the_model_is_that_of_the_servers(server, tight):
    """The version is chosen once, at the start."""
    with at(server.address, tight.address, version=0) as servers:
        assert ("cnn-gap", 1) == (servers.ref.name, servers.ref.version)
        assert servers.ref == servers.classify(*variant(0), OPTIONS).found.model


def test_a_server_without_room_is_asked_again(tight):
    """It says when; twelve requests at once to a server that takes two all come through."""
    with at(tight.address) as servers, ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda n: servers.classify(*variant(n), OPTIONS), range(24)))

    assert 24 == len({answer.found.request_id for answer in answers})
    assert max(answer.tries for answer in answers) > 1
    assert {tight.address} == {answer.server for answer in answers}


def test_the_least_busy_server_is_asked(server, tight):
    """Two requests at once go to two servers."""
    with at(server.address, tight.address) as servers, ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda n: servers.classify(*variant(n), OPTIONS), range(6)))

    assert {server.address, tight.address} == {answer.server for answer in answers}


def test_another_server_answers_where_one_is_away(server):
    """At the start and later."""
    with at(free_address(), server.address) as servers:
        answers = [servers.classify(*variant(0), OPTIONS) for _ in range(2)]

    assert [server.address] * 2 == [answer.server for answer in answers]


def test_a_server_that_comes_back_is_waited_for(models, tmp_path):
    """A case is scored by its successor at the same address."""
    first = running_server(models, tmp_path / "a.jsonl", "--threads", "1", exit_code=-signal.SIGKILL)
    with first as gone, at(gone.address) as servers, ThreadPoolExecutor(1) as pool:
        gone.process.kill()
        gone.process.wait()
        waiting = pool.submit(servers.classify, *variant(0), OPTIONS)
        with running_server(models, tmp_path / "b.jsonl", "--threads", "1", "--listen", gone.address):
            answer = waiting.result()

    assert answer.tries > 1


def test_patience_ends():
    """Where no server answers any more the case fails, and nobody waits for hours."""
    with pytest.raises(ServerUnreachable, match="no server answers"), at(free_address()):
        pass


def test_a_server_that_is_gone_is_given_up(models, tmp_path):
    """After as many seconds as were allowed."""
    first = running_server(models, tmp_path / "a.jsonl", "--threads", "1", exit_code=-signal.SIGKILL)
    with first as gone, at(gone.address, patience_s=0.01) as servers:
        gone.process.kill()
        gone.process.wait()
        with pytest.raises(ServerUnreachable):
            servers.classify(*variant(0), OPTIONS)


def test_waiting_ends_when_the_batch_is_told_to(tight):
    """The case then is not tried, and neither failed."""
    stop = Event()
    with at(tight.address, stop=stop) as servers:
        stop.set()
        with pytest.raises(Stopped):
            servers.classify(*variant(0), OPTIONS)


def test_servers_of_different_models_are_refused(server, tight):
    """A table is of one model; which servers differ is said."""
    with (
        pytest.raises(ModelDiffers, match=f"{server.address} and {tight.address}"),
        at(server.address, tight.address, model="cnn"),
    ):
        pass


def test_a_model_that_a_server_does_not_have_is_told(server):
    """As by a client."""
    with pytest.raises(UnknownModel, match="no model resnet50"), at(server.address, model="resnet50"):
        pass


def asked_again_and_again(servers):
    """Ask until something else happens, for a minute at most."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        servers.classify(*variant(0), OPTIONS)


def test_a_model_that_is_replaced_meanwhile_answers_no_case(models, tmp_path):
    """Its answers would be of another model than the table says."""
    shutil.copytree(models, tmp_path / "models")
    path = tmp_path / "models" / "cnn" / "1" / "model.onnx"
    live = running_server(tmp_path / "models", tmp_path / "a.jsonl", "--threads", "1", "--poll-seconds", "0.1")
    with live as server, at(server.address, model="cnn") as servers:
        before = servers.classify(*variant(0), OPTIONS)
        publish(shifted(path.read_bytes(), 0.5), path)
        with pytest.raises(ModelDiffers, match="its file was replaced"):
            asked_again_and_again(servers)

    assert servers.ref == before.found.model
