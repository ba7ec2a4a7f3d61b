"""Files that are read again."""

import pytest

from service.faults import UnusableCredentials
from service.security.watch import Watch, contents_of


def number(contents):
    """The number that a file holds."""
    [content] = contents
    if not content.isdigit():
        raise UnusableCredentials("--number: must be a number")
    return int(content)


@pytest.fixture
def watched(tmp_path):
    """A file that holds 1, and its watch, which has read it."""
    path = tmp_path / "Canary"
    path.write_text("1")
    watch = Watch("numbers", {"--number": path}, number)
    assert 1 == watch.read()
    return path, watch


def test_what_changed_is_read_once(watched):
    """A new content is told once; the same content written again is nothing new."""
    path, watch = watched
    answers = [watch.changed()]
    path.write_text("2")
    answers += [watch.changed(), watch.changed()]
    path.write_text("2")
    answers.append(watch.changed())

    assert [None, 2, None, None] == answers


def test_what_cannot_be_used_is_logged_once(watched, caplog):
    """Rubbish, or no file at all, brings nothing new and one line each; the path is not in it."""
    path, watch = watched
    path.write_text("half-writ")
    answers = [watch.changed(), watch.changed()]
    path.unlink()
    answers += [watch.changed(), watch.changed()]
    path.write_text("3")
    answers.append(watch.changed())

    assert [None, None, None, None, 3] == answers
    problems = [record.problem for record in caplog.records if record.levelname == "ERROR"]
    assert ["--number: must be a number", "--number: the file cannot be read (No such file or directory)"] == problems


def test_a_missing_file_is_told_by_its_option(tmp_path):
    """The message has the option and the cause."""
    with pytest.raises(UnusableCredentials, match=r"^--number: the file cannot be read \(No such file or directory\)$"):
        contents_of({"--number": tmp_path / "none"})
