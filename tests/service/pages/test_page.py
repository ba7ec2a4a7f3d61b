"""Pages."""

import base64
import hashlib
import re

import jinja2
import pytest

from service.pages.card import ModelCard
from service.pages.page import rendered

CARD = ModelCard("cnn, version 1", "ab" * 32, 0.3, ("SYNTHETIC",))
CONTEXT = {"title": "Nodes", "card": CARD, "research_use": "Research use only.", "notices": (), "created": "today"}


def test_only_what_is_named_runs():
    """The policy has the digest of each script as it stands between its tags, and of the style."""
    page = rendered("base.html.j2", ("let a = 1 < 2;", "let b;"), **CONTEXT)
    policy = re.search(r'Security-Policy" content="(.*?)"', page)[1].replace("&#39;", "'")
    digests = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in re.findall(r"<(?:script|style)>(.*?)</(?:script|style)>", page, re.DOTALL)
    ]

    assert 3 == len(digests)
    assert all(digest in policy for digest in digests)
    assert "default-src 'none'" in policy
    assert "connect-src" not in policy


def test_a_served_page_may_ask_its_own_server():
    """And no other."""
    assert "connect-src &#39;self&#39;" in rendered("base.html.j2", (), own_server=True, **CONTEXT)


def test_text_is_escaped():
    """A name from a file cannot become a part of the page."""
    assert "<title>&lt;b&gt;" in rendered("base.html.j2", (), **CONTEXT | {"title": "<b>"})


def test_a_missing_name_is_an_error():
    """A page is never written with a hole in it."""
    with pytest.raises(jinja2.UndefinedError, match="title"):
        rendered("base.html.j2", ())
