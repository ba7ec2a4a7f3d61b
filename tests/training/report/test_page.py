"""Static pages."""

import jinja2
import pytest

from training.report.page import write_page

TEMPLATE = """{% extends "base.html.j2" %}
{% block title %}Nodes{% endblock %}
{% block content %}<p>{{ name }}</p>{% endblock %}
"""


@pytest.fixture
def template(tmp_path):
    """A template with one name."""
    path = tmp_path / "nodes.html.j2"
    path.write_text(TEMPLATE)
    return path


@pytest.mark.parametrize("synthetic", [True, False])
def test_a_page_says_what_it_is_worth(template, tmp_path, synthetic):
    """All pages are for research; those about phantoms say so too."""
    write_page(tmp_path / "page.html", template, synthetic, name="x")
    page = (tmp_path / "page.html").read_text()

    assert "Research use only" in page
    assert synthetic == ("SYNTHETIC phantoms" in page)
    assert "<title>Nodes</title>" in page


def test_text_is_escaped(template, tmp_path):
    """A name from a table cannot become a part of the page."""
    write_page(tmp_path / "page.html", template, synthetic=False, name="<script>")

    assert "<p>&lt;script&gt;</p>" in (tmp_path / "page.html").read_text()


def test_a_missing_name_is_an_error(template, tmp_path):
    """A page is never written with a hole in it."""
    with pytest.raises(jinja2.UndefinedError, match="name"):
        write_page(tmp_path / "page.html", template, synthetic=False)
    assert not (tmp_path / "page.html").exists()
