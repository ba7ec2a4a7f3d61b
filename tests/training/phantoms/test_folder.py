"""Folders and tables of phantoms."""

import pytest

from tests.training.cohorts import read_table
from training.errors import InvalidOptions
from training.phantoms.folder import new_folder, write_table


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    """What is written appears at the end; after a fault nothing is left."""
    with new_folder(tmp_path / "deep" / "good") as draft:
        (draft / "file").write_text("here")
        assert not (tmp_path / "deep" / "good").exists()
    with pytest.raises(RuntimeError), new_folder(tmp_path / "deep" / "bad"):
        raise RuntimeError

    assert ["good"] == [path.name for path in (tmp_path / "deep").iterdir()]
    assert "here" == (tmp_path / "deep" / "good" / "file").read_text()


def test_a_folder_that_exists_is_kept(tmp_path):
    """It is refused."""
    with pytest.raises(InvalidOptions, match="exists; choose another folder"), new_folder(tmp_path):
        pass
    assert tmp_path.is_dir()


def test_tables_have_a_header(tmp_path):
    """Rows come back under the names of their columns, in their order."""
    write_table(tmp_path / "t.csv", ("b", "a"), [{"a": 1, "b": 2}])

    assert [{"b": "2", "a": "1"}] == read_table(tmp_path / "t.csv")
    assert "b,a" == (tmp_path / "t.csv").read_text().splitlines()[0]
