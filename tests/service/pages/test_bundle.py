"""The scripts of pages."""

from service.pages import bundle


def test_niivue_is_found_where_it_was_built(viewer):
    """It brings its notice with it, has no part that would end it early, and knows no WebAssembly."""
    text = bundle.niivue()

    assert "Niivue\nAll rights reserved" in text
    assert "</script" not in text
    assert "WebAssembly" not in text


def test_without_npm_there_is_none(tmp_path, monkeypatch):
    """A page can then be written without it."""
    monkeypatch.setattr(bundle, "NIIVUE", tmp_path / "none.js")

    assert "" == bundle.niivue()


def test_our_own_scripts_are_part_of_the_package():
    """They are found by name."""
    assert "nodelens-node" in bundle.script("viewer.js")
