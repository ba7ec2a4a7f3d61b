"""A ledger keeps what was stored, and shows what was done to it."""

import json
import os
import signal
import subprocess
import sys
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imaging.errors import InvalidLedger, TakenEntryId
from imaging.ledger import GENESIS, Ledger, append, read_ledger
from imaging.review import Verdict
from tests.imaging.reviews import review

WRITER = """
import sys
from pathlib import Path
from imaging.ledger import append
from tests.imaging.reviews import review
for number in range(10**6):
    append(Path(sys.argv[1]), [review(str(number), reason="x" * 2000)])
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""
"""Stores reviews, and says of each that it is stored."""


@pytest.fixture
def path(tmp_path):
    """Where a ledger will be."""
    return tmp_path / "labels" / "ledger.jsonl"


def three(path):
    """A ledger of three reviews."""
    append(path, [review(str(n)) for n in range(3)])
    return read_ledger(path)


@given(st.lists(st.tuples(st.sampled_from(Verdict), st.text(max_size=20), st.integers(1, 5) | st.none()), max_size=8))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_stored_is_read(tmp_path_factory, said):
    """Whatever readers write, it comes back, in one append or in many."""
    reviews = [
        review(str(n), verdict, reason=reason, confidence=confidence)
        for n, (verdict, reason, confidence) in enumerate(said)
    ]
    one, many = (tmp_path_factory.mktemp("ledger") / name for name in ("one", "many"))

    append(one, reviews)
    append(many, [])
    for each in reviews:
        append(many, [each])

    assert tuple(reviews) == read_ledger(one).reviews
    assert one.read_bytes() == many.read_bytes()


def test_a_review_is_stored_once(path):
    """The same review sent again, later, is not stored again."""
    assert 1 == len(append(path, [review("7")]))

    assert () == append(path, [review("7", when="2026-11-26T00:00:00Z")])
    assert 1 == read_ledger(path).revision


def test_a_review_given_twice_at_once_is_stored_once(path):
    """One append, too, stores an entry once."""
    one = review("7")

    assert (one,) == append(path, [one, one])


def test_one_id_for_two_reviews_is_refused(path):
    """Neither of them is lost silently."""
    append(path, [review("7")])

    with pytest.raises(TakenEntryId, match="entry_id 7 is that of another review already"):
        append(path, [review("8"), review("7", Verdict.BENIGN)])
    assert 1 == read_ledger(path).revision


def test_a_revision_is_what_was_there_then(path):
    """Later entries change nothing in an earlier revision."""
    earlier = three(path)
    append(path, [review("9")])

    assert earlier == read_ledger(path).at(3)
    assert earlier.head == read_ledger(path).digests[2]
    assert Ledger() == earlier.at(0)
    assert GENESIS == earlier.at(0).head


@pytest.mark.parametrize("revision", [-1, 4])
def test_a_revision_that_is_not_there_is_refused(path, revision):
    """So a ledger that lost its end is found by whoever knows its revision."""
    with pytest.raises(InvalidLedger, match=f"has 3 entries; there is no revision {revision}"):
        three(path).at(revision)


@pytest.mark.parametrize("kept", [1, 40, -2])
def test_a_half_written_line_counts_for_nothing(path, caplog, kept):
    """What a killed process left is said, left out, and taken away by the next append."""
    three(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1] + lines[2][:kept])

    assert 2 == read_ledger(path).revision
    assert "the last line is half-written" in caplog.text
    append(path, [review("9")])
    assert ["0", "1", "9"] == [each.entry_id for each in read_ledger(path).reviews]


def test_a_line_that_lacks_only_its_break_counts(path, caplog):
    """An editor that takes the last line break takes no review with it."""
    three(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])

    assert 3 == read_ledger(path).revision
    append(path, [])
    assert whole == path.read_bytes()
    assert "" == caplog.text


def test_a_killed_writer_loses_nothing_that_it_stored(path):
    """After SIGKILL in the middle of its work, all it had said to be stored is there, and more can be stored."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as process:
        said = [process.stdout.readline() for _ in range(20)]
        os.kill(process.pid, signal.SIGKILL)
        said += process.stdout.readlines()
    stored = len([line for line in said if line.endswith("\n")])

    assert -signal.SIGKILL == process.returncode
    assert stored <= read_ledger(path).revision <= stored + 1
    assert 1 == len(append(path, [review("after")]))
    assert "after" == read_ledger(path).reviews[-1].entry_id


def test_writers_take_turns(path):
    """Many may append at once; the chain holds."""
    threads = [threading.Thread(target=append, args=(path, [review(str(n))])) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {str(n) for n in range(12)} == {each.entry_id for each in read_ledger(path).reviews}


def changed(lines):
    """A verdict made its opposite."""
    lines[1] = lines[1].replace('"metastatic"', '"benign"').replace('"new_label": 1', '"new_label": 0')


def changed_without_break(lines):
    """The last line changed, and its break lost: it is whole, so it is not half-written."""
    lines[2] = lines[2].replace("Ro", "Rh").replace("R\\u00f6", "Rh").rstrip("\n")


def without_one(lines):
    """A line taken out."""
    del lines[1]


def moved(lines):
    """Two lines in each other's place."""
    lines[0], lines[1] = lines[1], lines[0]


def damaged(lines):
    """Half a line in the middle."""
    lines[1] = lines[1][:50] + "\n"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (changed, "line 2 was changed after it was stored"),
        (changed_without_break, "last line was changed after it was stored"),
        (without_one, "line 2 does not follow from the line before"),
        (moved, "line 1 does not follow from the line before"),
        (damaged, "line 2 is no entry of a ledger"),
    ],
)
def test_a_broken_chain_is_found(path, spoil, message):
    """Neither read nor continued; the message names the line."""
    three(path)
    lines = path.read_text().splitlines(keepends=True)
    spoil(lines)
    path.write_text("".join(lines))

    with pytest.raises(InvalidLedger, match=message):
        read_ledger(path)
    with pytest.raises(InvalidLedger, match=message):
        append(path, [review("9")])
    assert "".join(lines) == path.read_text()


def test_no_file_is_no_ledger(path):
    """A wrong path is said to be one."""
    with pytest.raises(InvalidLedger, match="no such file"):
        read_ledger(path)


def test_the_format_is_what_the_module_says(path):
    """Anyone can check the chain with a JSON parser and SHA-256; the first line follows from zeros."""
    ledger = three(path)

    first, second, _ = map(json.loads, path.read_text().splitlines())
    assert "0" * 64 == first["previous"]
    assert first["digest"] == second["previous"] == ledger.digests[0]
    assert (0, 1) == (first["old_label"], first["new_label"])
