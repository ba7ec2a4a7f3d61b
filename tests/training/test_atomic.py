import pytest

from training.atomic import replacing, write_text


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
