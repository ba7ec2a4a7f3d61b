import pytest

from imaging.atomic import replacing, write_rows, write_text


def test_a_file_is_replaced_whole(tmp_path):
    """What the block wrote takes the place of the former file, and nothing else is left."""
    path = tmp_path / "run" / "config.json"

    write_text(path, "old")
    write_text(path, "new")

    assert "new" == path.read_text()
    assert [path] == list(path.parent.iterdir())


def write_half(path):
    """Write half of a file, then fail."""
    with replacing(path) as draft:
        draft.write_text("half of the n")
        path.parent.write_text("a folder is no file")


def test_a_failure_leaves_the_former_file(tmp_path):
    """A block that fails on the way changes nothing."""
    path = tmp_path / "best.pt"
    write_text(path, "old")

    with pytest.raises(IsADirectoryError):
        write_half(path)

    assert "old" == path.read_text()
    assert [path] == list(tmp_path.iterdir())


def test_a_table_is_written_with_its_header(tmp_path):
    """Cells that hold a comma are quoted."""
    write_rows(tmp_path / "table.csv", ("node", "comment"), [(1, "round, small"), (2, "")])

    assert 'node,comment\n1,"round, small"\n2,\n' == (tmp_path / "table.csv").read_text()
