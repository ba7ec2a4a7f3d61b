"""Entries of a cache."""

import numpy as np
import pytest

from training.entry import entry_path, read_entry, write_entry


def test_what_is_written_is_read(tmp_path):
    """Arrays come back by name, in the order that is asked for."""
    path = entry_path(tmp_path / "cache", ["features", 1])
    write_entry(path, first=np.arange(3), second=np.array([[0.5]]))

    second, first = read_entry(path, "second", "first")

    assert [0, 1, 2] == first.tolist()
    assert [[0.5]] == second.tolist()


def test_other_parts_are_another_entry(tmp_path):
    """Whatever an entry follows from is in its name."""
    paths = {entry_path(tmp_path, parts) for parts in (["a", 1], ["a", 2], ["b", 1], ["a", [1]], ["a", 1])}

    assert 4 == len(paths)


@pytest.mark.parametrize("damaged", [None, b"", b"PK\x03\x04 and no more"])
def test_a_missing_or_damaged_entry_is_none(tmp_path, damaged):
    """What cannot be read has to be made again."""
    path = tmp_path / "entry.npz"
    if damaged is not None:
        path.write_bytes(damaged)

    assert read_entry(path, "first") is None


def test_an_entry_without_the_array_is_none(tmp_path):
    """An entry that holds something else is no entry."""
    write_entry(tmp_path / "entry.npz", first=np.arange(3))

    assert read_entry(tmp_path / "entry.npz", "second") is None
