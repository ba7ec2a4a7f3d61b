"""Libraries of the extra are imported where they are needed."""

import json

import pytest

from service.faults import CannotStart
from service.pacs.extra import needed


def test_what_is_installed_is_imported():
    """The module itself is returned."""
    assert json is needed("json")


def test_what_is_missing_is_named_with_its_cure():
    """The sentence says which extra to install."""
    with pytest.raises(CannotStart, match=r"needs pyneverwas, which is not installed; install nodelens\[pacs\]"):
        needed("pyneverwas.entity")
