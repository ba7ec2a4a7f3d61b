"""The door of the desk."""

import http.client
import json
from threading import Thread

import pytest

from imaging.errors import InvalidLedger
from service.pages.review.door import LARGEST_BODY, Door
from service.refusal import ServerUnreachable

FAULTS = {"ledger": InvalidLedger("line 3 was changed"), "server": ServerUnreachable("no server answers")}


def take(sent):
    """Repeats what was sent, or fails as told."""
    if sent.get("fault"):
        raise FAULTS[sent["fault"]]
    return {"taken": sent["node"]}


@pytest.fixture(scope="module")
def door():
    """An open door."""
    with Door({"": ("text/html", "page"), "scene/0": ("application/json", "{}")}.get, take) as opened:
        thread = Thread(target=opened.serve_forever)
        thread.start()
        yield opened
        opened.shutdown()
        thread.join()


@pytest.fixture
def ask(door):
    """Sends a request with our page's headers, unless others are given; status, headers and content."""

    def asked(method="GET", path="", body=None, token=None, **headers):
        own = {"Host": door.hosts[0], "Origin": f"http://{door.hosts[0]}", "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", door.server_port, timeout=10)
        path = f"/{door.token if token is None else token}/{path}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {k: v for k, v in (own | named).items() if v is not None})
        answer = connection.getresponse()
        content = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, content

    return asked


def test_who_has_the_address_gets_the_page(ask, door):
    """And nobody may frame it, keep it, or learn the address from it."""
    status, headers, content = ask()

    assert (200, "page") == (status, content)
    assert "frame-ancestors 'none'" == headers["Content-Security-Policy"]
    assert ("no-store", "no-referrer", "nosniff") == tuple(
        headers[name] for name in ("Cache-Control", "Referrer-Policy", "X-Content-Type-Options")
    )
    assert "127.0.0.1" == door.server_address[0]
    assert len(door.token) >= 32


@pytest.mark.parametrize("token", ["", "x", "%C3%A9"])
def test_without_the_token_there_is_nothing(ask, token):
    """Neither page nor images."""
    assert 404 == ask(token=token)[0]


def test_a_name_that_was_bent_to_this_machine_opens_nothing(ask, door):
    """DNS rebinding gives a foreign page this address, and not the Host header."""
    assert 404 == ask(Host=f"evil.example:{door.server_port}")[0]
    assert 200 == ask(Host=f"localhost:{door.server_port}")[0]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": None}, 403),
        ({"Content_Type": "text/plain"}, 403),
    ],
)
def test_only_our_own_page_can_send_verdicts(ask, headers, status):
    """A form or a script of another page has another Origin, or cannot send JSON unasked."""
    assert status == ask("POST", "reviews", '{"node": 3}', **headers)[0]


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        ("not json", 400, "no verdict"),
        ("{}", 400, "no verdict"),
        ('{"fault": "ledger"}', 400, "line 3 was changed"),
        ('{"fault": "server"}', 502, "no server answers"),
        ("x" * (LARGEST_BODY + 1), 413, "too long"),
    ],
)
def test_what_cannot_be_stored_is_told_in_words(ask, body, status, problem):
    """The reader must know that a verdict is not stored."""
    answered, _, content = ask("POST", "reviews", body)

    assert status == answered
    assert problem in json.loads(content)["problem"]


def test_other_paths_hold_nothing(ask):
    """Images are where they are said to be."""
    assert 200 == ask(path="scene/0")[0]
    assert 404 == ask(path="scene/9")[0]
    assert 404 == ask("POST", "scene/0", "{}")[0]
