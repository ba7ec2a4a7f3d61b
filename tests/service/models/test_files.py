"""The model files in a folder."""

import hashlib

import pytest

from service.faults import CannotStart
from service.models.files import Stamp, files_in
from tests.service.models.published import publish


@pytest.fixture
def path(tmp_path):
    """A file in its place."""
    publish(b"content", tmp_path / "cnn" / "1" / "model.onnx")
    return tmp_path / "cnn" / "1" / "model.onnx"


def test_files_stand_in_the_order_of_their_versions(path, tmp_path):
    """By name, and by number: 10 comes after 9; other files are not models."""
    for place in ("cnn/10/model.onnx", "cnn/9/model.onnx", "a/1/model.onnx", "cnn/2/other.onnx", "cnn/model.onnx"):
        publish(b"", tmp_path / place)

    assert [("a", 1), ("cnn", 1), ("cnn", 9), ("cnn", 10)] == [(each.name, each.version) for each in files_in(tmp_path)]


def test_a_folder_that_is_a_link_is_followed(path, tmp_path):
    """A version may be a link to a folder elsewhere."""
    (tmp_path / "cnn" / "2").symlink_to(path.parent)

    assert [1, 2] == [each.version for each in files_in(tmp_path)]


def test_the_digest_is_that_of_the_content(path, tmp_path):
    """SHA-256 of the whole file."""
    [file] = files_in(tmp_path)

    assert hashlib.sha256(b"content").hexdigest() == file.digest()


def test_a_new_file_has_a_new_stamp(path):
    """The same bytes in a new file have another stamp, and a file that is only read keeps its own."""
    before = Stamp.of(path)
    path.read_bytes()
    assert before == Stamp.of(path)
    publish(b"content", path)
    assert before != Stamp.of(path)


def test_a_missing_folder_is_told(tmp_path):
    """With what makes models."""
    with pytest.raises(CannotStart, match="no such folder; make models with nodelens-train export"):
        files_in(tmp_path / "none")
