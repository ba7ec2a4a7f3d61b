"""The journal of a batch."""

import pytest

from service.batch.case import Case
from service.batch.faults import UnusableOutput
from service.batch.journal import JOURNAL, Journal
from service.batch.record import Record

HEADER = {"list of cases": "0" * 64, "model": "cnn 1", "separation": "labels"}


def case(folder, name):
    """A case with a file."""
    (folder / name).touch()
    return Case(name, folder / name, folder / name)


def record(of):
    """That a case was scored."""
    return Record(of.name, {"nodes": []}, stamp=of.stamp())


def opened(folder, resume=True, **changes):
    """The journal of a folder."""
    return Journal(folder / "out", HEADER | changes, resume)


def test_what_was_scored_is_finished_when_the_batch_goes_on(tmp_path):
    """What failed is not, and neither is what was never tried."""
    a, b, c = (case(tmp_path, name) for name in "abc")
    with opened(tmp_path) as journal:
        journal.add(record(a))
        journal.add(Record("b", reason="UNREACHABLE", message="no server"))

    with opened(tmp_path) as journal:
        assert [False, True, True] == [journal.unfinished(each) for each in (a, b, c)]
        assert record(a) == journal.records["a"]


def test_a_line_is_on_the_disk_when_it_was_added(tmp_path):
    """Whoever looks at the file finds it, while the journal is open."""
    a = case(tmp_path, "a")
    with opened(tmp_path) as journal:
        journal.send(a)
        journal.add(record(a))

        assert ['{"sent": "a"}'] == (tmp_path / "out" / JOURNAL).read_text().splitlines()[1:2]
        assert 3 == len((tmp_path / "out" / JOURNAL).read_text().splitlines())


@pytest.mark.parametrize("cut", [1, 7, 20])
def test_a_half_written_line_counts_for_nothing(tmp_path, cut):
    """It is taken away, and the case is scored again; so is one of which only the break is missing."""
    a, b = case(tmp_path, "a"), case(tmp_path, "b")
    with opened(tmp_path) as journal:
        journal.add(record(a))
        journal.add(record(b))
    path = tmp_path / "out" / JOURNAL
    path.write_bytes(path.read_bytes()[:-cut])

    with opened(tmp_path) as journal:
        assert [False, True] == [journal.unfinished(each) for each in (a, b)]
        journal.add(record(b))
    with opened(tmp_path) as journal:
        assert {"a", "b"} == journal.records.keys()


def test_a_case_under_way_at_the_end_is_told_when_it_is_sent_again(tmp_path):
    """The server may have scored it, and nobody has the answer; a case with a record is never told."""
    a, b = case(tmp_path, "a"), case(tmp_path, "b")
    with opened(tmp_path) as journal:
        journal.send(a)
        journal.add(record(a))
        journal.send(b)
    with opened(tmp_path) as journal:
        assert set() == journal.sent_again
        journal.send(b)
        assert {"b"} == journal.sent_again
        journal.add(record(b))
    with opened(tmp_path) as journal:
        assert {"b"} == journal.sent_again


@pytest.mark.parametrize(("name", "value"), [("model", "cnn 2"), ("separation", "components"), ("list of cases", "1")])
def test_another_batch_is_not_gone_on_with(tmp_path, name, value):
    """The difference is named, and nothing is changed."""
    opened(tmp_path).close()
    before = (tmp_path / "out" / JOURNAL).read_bytes()

    with pytest.raises(UnusableOutput, match=f"holds another batch: its {name} is "):
        opened(tmp_path, **{name: value})

    assert before == (tmp_path / "out" / JOURNAL).read_bytes()


def test_going_on_must_be_said(tmp_path):
    """A batch is not overwritten, and not mixed with another; ``--resume`` of nothing begins."""
    opened(tmp_path, resume=False).close()

    with pytest.raises(UnusableOutput, match="holds a batch already: --resume goes on with it"):
        opened(tmp_path, resume=False)


def test_two_batches_do_not_write_to_one_folder(tmp_path):
    """The second is refused while the first is open."""
    with opened(tmp_path), pytest.raises(UnusableOutput, match="another batch is writing"):
        opened(tmp_path)
    opened(tmp_path).close()


def test_a_case_whose_files_were_changed_is_not_finished_silently(tmp_path):
    """Its findings are of other files: the batch is refused."""
    a = case(tmp_path, "a")
    with opened(tmp_path) as journal:
        journal.add(record(a))
    (tmp_path / "a").write_text("changed")

    with opened(tmp_path) as journal, pytest.raises(UnusableOutput, match="case a was scored, and its files have been"):
        journal.unfinished(a)


@pytest.mark.parametrize("line", ["no JSON", "[]", "{}"])
def test_a_damaged_journal_is_refused(tmp_path, line):
    """The line is named."""
    opened(tmp_path).close()
    with (tmp_path / "out" / JOURNAL).open("a") as file:
        file.write(line + "\n")

    with pytest.raises(UnusableOutput, match="line 2 is no line of a journal"):
        opened(tmp_path)
