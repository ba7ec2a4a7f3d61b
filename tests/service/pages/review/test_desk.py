"""The desk at which a reader works."""

import pytest

from imaging.errors import InvalidLedger
from imaging.ledger import read_ledger
from imaging.review import Verdict
from service.client import NodeClassifier
from service.faults import InvalidRequest
from service.pages.review.desk import Desk, Said, progress
from service.pages.review.item import items_of
from service.refusal import Refused
from tests.service.servers import running_server
from training.cases import read_cohort
from training.labels.relabelled import relabelled


def test_a_verdict_is_in_the_ledger_and_is_shown_as_done(desk, ledger, results):
    """Also to a desk that opens later."""
    desk.take(0, Verdict.BENIGN, "fatty hilum")
    later = Desk(items_of(results), "r1", ledger)
    [review] = read_ledger(ledger).reviews

    assert ("r1", Verdict.BENIGN, "fatty hilum") == (review.reader, review.verdict, review.reason)
    assert Said(Verdict.BENIGN, "fatty hilum") == later.said()[0]
    assert {"done": 1, "all": 12} == progress(later.said())


def test_the_same_verdict_is_stored_once_and_a_new_one_anew(desk, ledger):
    """The last word counts; what was said before stays in the ledger."""
    for verdict in (Verdict.BENIGN, Verdict.BENIGN, Verdict.METASTATIC, Verdict.BENIGN):
        desk.take(1, verdict, "")

    assert ["benign", "metastatic", "benign"] == [review.verdict for review in read_ledger(ledger).reviews]
    assert Said(Verdict.BENIGN, "") == desk.said()[1]


def test_readers_do_not_see_each_other(desk, ledger, results):
    """What r1 said is open for r2, who is not to be led."""
    desk.take(0, Verdict.BENIGN, "")

    assert [None] * 12 == Desk(items_of(results), "r2", ledger).said()


def test_a_comment_that_the_server_would_refuse_is_refused(desk, ledger):
    """Nothing is stored."""
    with pytest.raises(InvalidRequest, match="comment"):
        desk.take(0, Verdict.BENIGN, "two\nlines")
    assert not ledger.exists()


def test_a_broken_ledger_is_told_at_once(results, ledger):
    """Before a reader has worked for nothing."""
    ledger.write_text("{}\n")

    with pytest.raises(InvalidLedger, match="line 1"):
        Desk(items_of(results), "r1", ledger)


def test_training_reads_what_readers_said(desk, ledger, cohort):
    """The table's labels are corrected by the verdicts, node by node."""
    desk.take(0, Verdict.BENIGN, "")  # Node 1 of p0, which the table calls metastatic.
    desk.take(4, Verdict.METASTATIC, "")  # Node 2 of p1, which it calls benign.
    desk.take(5, Verdict.UNSURE, "")
    result = relabelled(read_cohort(cohort), read_ledger(ledger))

    assert (2, 1, 0) == (result.changed_count, result.open_count, result.stranger_count)
    assert [0, 1] == [result.cohort.cases[place].label for place in (0, 4)]


@pytest.fixture(scope="module")
def keeper(models, tmp_path_factory):
    """A server that takes reviews, and its ledger."""
    folder = tmp_path_factory.mktemp("keeper")
    with running_server(models, folder / "log", "--reviews", str(folder / "r.jsonl"), "--allow-research") as server:
        yield server, folder / "r.jsonl"


class TestServer:
    def test_a_verdict_goes_to_the_server_too(self, keeper, results, ledger):
        """Both ledgers have the same review, under the same id."""
        server, theirs = keeper
        with NodeClassifier(server.address) as classifier:
            Desk(items_of(results), "r1", ledger, classifier.submit).take(0, Verdict.BENIGN, "hilum")
        [mine], [stored] = read_ledger(ledger).reviews, read_ledger(theirs).reviews

        assert (mine.entry_id, mine.node, mine.reason) == (stored.entry_id, stored.node, stored.reason)

    def test_what_the_server_had_already_is_stored_there_once(self, keeper, results, ledger):
        """Where a process ended between server and file, the same click is sent again."""
        server, theirs = keeper
        with NodeClassifier(server.address) as classifier:
            for _ in range(2):
                Desk(items_of(results), "r2", ledger, classifier.submit).take(1, Verdict.UNSURE, "")
                ledger.unlink()

        assert 1 == sum(review.reader == "r2" for review in read_ledger(theirs).reviews)

    def test_what_the_server_refuses_is_not_done(self, server, results, ledger):
        """A server without ``--reviews`` takes none; the file has none then."""
        with NodeClassifier(server.address) as classifier, pytest.raises(Refused):
            Desk(items_of(results), "r1", ledger, classifier.submit).take(0, Verdict.BENIGN, "")
        assert not ledger.exists()
