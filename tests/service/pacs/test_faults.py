"""What can go wrong between an archive and the service."""

import inspect

from service.pacs import faults


def test_the_tree_names_every_fault():
    """The module's text lists all of them."""
    names = [name for name, kind in inspect.getmembers(faults, inspect.isclass) if issubclass(kind, faults.PacsFault)]

    assert [name for name in names if name not in faults.__doc__] == []


def test_a_side_that_is_away_says_for_how_long():
    """Zero where it does not say."""
    assert 7.0 == faults.ServiceAway("overloaded", 7.0).retry_s
    assert 0.0 == faults.ArchiveAway("no answer").retry_s
