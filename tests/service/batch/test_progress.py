"""A batch on the terminal."""

from service.batch.case import Case
from service.batch.journal import Journal
from service.batch.progress import Progress
from service.batch.record import Record


def test_what_happens_is_journalled_and_shown(tmp_path, capsys):
    """A failure has its line and is counted; what was scored before is taken as done."""
    with Journal(tmp_path, {}, resume=False) as journal, Progress(journal, total=4, done=1) as progress:
        progress.send(Case("a", tmp_path, tmp_path))
        progress.add(Record("a", {"nodes": []}))
        progress.add(Record("b", reason="UNREADABLE_IMAGE", message="no such file"))
        assert {"a", "b"} == journal.records.keys()

    told = capsys.readouterr().err
    assert (1, 1) == (progress.scored, progress.failed)
    assert "b: no such file (UNREADABLE_IMAGE)" in told.splitlines()
    assert "3/4" in told
    assert "failed=1" in told
