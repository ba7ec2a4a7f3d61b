import pytest

from imaging.review import Verdict
from tests.imaging.reviews import review
from training.labels.consensus import Consensus, consensus

B, M, U = Verdict.BENIGN, Verdict.METASTATIC, Verdict.UNSURE


def said(*verdicts):
    """Reviews by (reader, verdict)."""
    return [review(str(n), verdict, reader=reader) for n, (reader, verdict) in enumerate(verdicts)]


@pytest.mark.parametrize(
    ("verdicts", "label"),
    [
        ([], None),
        ([("a", U)], None),
        ([("a", M)], 1),
        ([("a", M), ("b", B)], None),
        ([("a", M), ("b", B), ("c", B)], 0),
        ([("a", M), ("b", B), ("c", U)], None),
        ([("a", M), ("a", M), ("b", B)], None),
    ],
)
def test_the_majority_decides(verdicts, label):
    """Each reader has one vote, and a tie decides nothing."""
    assert label == consensus(said(*verdicts)).label


def test_the_latest_verdict_of_a_reader_counts():
    """A reader may change a verdict; being unsure later takes none back."""
    assert Consensus(benign=1, metastatic=0) == consensus(said(("a", M), ("a", B), ("a", U)))
