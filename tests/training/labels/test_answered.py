import pytest

from imaging.ledger import append, read_ledger
from imaging.review import Verdict
from tests.training.labels.worklists import write_items
from training.cases import read_cohort
from training.labels.answered import reviews_of
from training.labels.worklist import Answer


@pytest.fixture
def items(cohort_csv, tmp_path):
    """The items of an audit."""
    return write_items(tmp_path / "audit", read_cohort(cohort_csv), 6)


def said(items, earlier, *answers, reader="Curie", source="a" * 64):
    """The new reviews that one reader's answers make."""
    return reviews_of(answers, items, source, reader, earlier)


def test_a_review_says_who_called_what_what(items):
    """It has the node's files, the label at the time, the verdict, and the words of the reader."""
    (review,) = said(items, (), Answer(3, Verdict.METASTATIC, 5, "necrosis"))

    assert (items[2].node, items[2].label) == (review.node, review.old_label)
    assert ("Curie", Verdict.METASTATIC, 5, "necrosis") == (
        review.reader,
        review.verdict,
        review.confidence,
        review.reason,
    )


def test_what_is_said_again_is_no_new_review(items, tmp_path):
    """Whoever runs the command twice, or goes on filling in the same table, adds only what is new."""
    ledger = tmp_path / "ledger.jsonl"
    first, second = Answer(1, Verdict.BENIGN), Answer(2, Verdict.METASTATIC)
    append(ledger, said(items, (), first))

    new = said(items, read_ledger(ledger).reviews, first, second)

    assert [items[1].node] == [review.node for review in new]
    assert new == append(ledger, new)


def test_a_changed_mind_is_a_new_review(items, tmp_path):
    """There and back again are three reviews."""
    ledger = tmp_path / "ledger.jsonl"
    for verdict in (Verdict.BENIGN, Verdict.METASTATIC, Verdict.BENIGN, Verdict.BENIGN):
        append(ledger, said(items, read_ledger(ledger).reviews if ledger.exists() else (), Answer(1, verdict)))

    assert ["benign", "metastatic", "benign"] == [review.verdict for review in read_ledger(ledger).reviews]


@pytest.mark.parametrize("other", [{"reader": "Roentgen"}, {"source": "b" * 64}])
def test_another_reader_or_audit_is_another_review(items, other):
    """The same verdict by somebody else, or on another worklist, is stored too."""
    first = said(items, (), Answer(1, Verdict.BENIGN))

    (second,) = said(items, first, Answer(1, Verdict.BENIGN), **other)

    assert first[0].entry_id != second.entry_id
