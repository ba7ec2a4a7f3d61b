"""Pictures that stand inside a page."""

import base64

from service.pages.picture import Picture
from tests.service.pages.studies import study


def test_a_node_is_shown_with_its_heat_and_described():
    """A PNG stands in the address itself, and its text names node and CT."""
    picture = Picture.of_look(study().looks[1], "Node 1 of the CT")

    assert b"\x89PNG" == base64.b64decode(picture.uri.removeprefix("data:image/png;base64,"))[:4]
    assert picture.alt.startswith("Node 1 of the CT: ")
