"""What the door shows."""

import base64
import json

import pytest

from service.pages.review.room import Room


@pytest.fixture
def room(results, desk):
    """The room of a desk."""
    return Room(results, desk, "reviews.jsonl")


def test_the_page_has_every_node_and_no_image(room):
    """Images come when a node is shown, so that a cohort of any size opens at once."""
    kind, page = room.get("")

    assert "text/html" == kind
    assert 12 == page.count('class="jump"')
    assert "<img" not in page.split("</main>")[0]
    assert len(page) < 3_000_000


def test_a_case_has_its_images(room):
    """CT, nodes and heat as zipped NIfTI, and the height at which each node is shown."""
    kind, content = room.get("scene/2")
    scene = json.loads(content)

    assert "application/json" == kind
    assert {b"\x1f\x8b"} == {base64.b64decode(scene[name])[:2] for name in ("ct", "nodes", "heat")}
    assert ["1", "2"] == sorted(scene["heights_mm"])


@pytest.mark.parametrize("path", ["scene/4", "scene/-1", "scene/x", "scene/", "else"])
def test_there_is_nothing_else(room, path):
    """A path that is made up leads nowhere."""
    assert room.get(path) is None


def test_a_verdict_is_answered_with_what_is_done(room):
    """The page shows it without asking again; blanks around the comment are none of the reader's words."""
    answer = room.post({"node": 0, "verdict": "unsure", "comment": " small "})

    assert {"verdict": "unsure", "comment": "small", "done": 1, "all": 12} == answer


@pytest.mark.parametrize(
    "sent",
    [
        {"node": 12, "verdict": "benign", "comment": ""},
        {"node": -1, "verdict": "benign", "comment": ""},
        {"node": "0", "verdict": "benign", "comment": ""},
        {"node": 0, "verdict": "good", "comment": ""},
        {"node": 0, "verdict": "benign"},
        [],
    ],
)
def test_what_is_no_verdict_is_refused(room, desk, sent):
    """And nothing is stored."""
    with pytest.raises((IndexError, KeyError, TypeError, ValueError)):
        room.post(sent)
    assert not any(desk.said())
