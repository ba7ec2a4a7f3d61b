"""Digests of files and folders."""

import hashlib

from imaging.file_digest import file_digest


def test_a_file_is_known_by_its_content(tmp_path):
    """The digest of a file is the SHA-256 that every tool prints."""
    (tmp_path / "one").write_bytes(b"HU")

    assert hashlib.sha256(b"HU").hexdigest() == file_digest(tmp_path / "one")


def test_a_folder_is_known_by_its_files(tmp_path):
    """Names do not matter, content does."""
    for folder, names in (("a", "12"), ("b", "34"), ("c", "12")):
        (tmp_path / folder / "inner").mkdir(parents=True)
        for content, name in enumerate(names):
            (tmp_path / folder / "inner" / name).write_text(str(content))
    (tmp_path / "c" / "inner" / "1").write_text("another")
    a, b, c = (file_digest(tmp_path / name) for name in "abc")

    assert a == b != c
