"""What a journal says, for people."""

from contextlib import closing

from service.pacs.journal import Journal
from service.pacs.status import status_of
from service.pacs.task import State, Task


def test_counts_and_reasons_are_told(tmp_path):
    """How many have come how far, how long the first has waited, and why others do not go on."""
    with closing(Journal(tmp_path / "journal")) as journal:
        journal.looked(
            "s",
            "1",
            [
                Task("a", "study-1", "m", "c", State.REFUSED, "slices are missing"),
                Task("b", "study-2", "m", "c", State.FAILED, "no luck", failures=2, due_s=130.0, found_s=40.0),
                Task("c", "study-3", "m", "c", State.STORED),
            ],
        )

        told = status_of(journal, now_s=100.0).splitlines()

    assert ["found          0", "scored         0", "stored         1"] == told[:3]
    assert "studies: 1 waiting, the first for 60 s" in told
    assert "failed   study-2  2 times, again in 30 s: no luck" in told
    assert "refused  study-1  slices are missing" in told


def test_an_empty_journal_says_so(tmp_path):
    """Nothing waits."""
    with closing(Journal(tmp_path / "journal")) as journal:
        assert "studies: 0 waiting\n" in status_of(journal, now_s=1.0)
