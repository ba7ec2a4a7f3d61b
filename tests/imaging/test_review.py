"""What a reader said is whole, or refused."""

import pytest

from imaging.errors import InvalidReview
from imaging.review import Review, ReviewedNode, Verdict
from tests.imaging.reviews import NODE, review

FINDING = ReviewedNode(3, model="cnn-gap", model_version=2, request_id="r-7", centroid_mm=(1.5, -2.0, 30.25))


@pytest.mark.parametrize("node", [NODE, FINDING])
@pytest.mark.parametrize("verdict", Verdict)
def test_a_review_survives_plain_values(node, verdict):
    """Reviews of cases and of findings fit one format."""
    one = review(verdict=verdict, node=node, confidence=4, reason="necrotic core", source="w")

    assert one == Review.from_dict(one.to_dict())


@pytest.mark.parametrize(("verdict", "new_label"), [(Verdict.BENIGN, 0), (Verdict.METASTATIC, 1), (Verdict.UNSURE, 0)])
def test_an_unsure_reader_leaves_the_label(verdict, new_label):
    """The new label is the verdict's, or the old one."""
    assert new_label == review(verdict=verdict, old_label=0).new_label


def test_a_node_is_known_by_its_files():
    """Without the digests of its files, a finding is of no known case."""
    assert ("a" * 64, "b" * 64, 1) == NODE.key
    assert FINDING.key is None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"entry_id": " "}, "entry_id must not be empty"),
        ({"reader": ""}, "reader must not be empty"),
        ({"when": "yesterday"}, "when must be a time in UTC"),
        ({"when": "2026-11-25T08:00:00+01:00"}, "when must be a time in UTC"),
        ({"when": "2026-11-25T08:00:00"}, "when must be a time in UTC"),
        ({"old_label": 2}, "old_label must be 0, 1 or nothing, got 2"),
        ({"confidence": 0}, "confidence must be from 1 to 5, got 0"),
    ],
)
def test_an_impossible_review_cannot_exist(fields, message):
    """The message names the field."""
    with pytest.raises(InvalidReview, match=message):
        review(**fields)


@pytest.mark.parametrize("label", [0, 65536, "1"])
def test_a_node_has_a_value_of_a_mask(label):
    """Background is no node."""
    with pytest.raises(InvalidReview, match="label must be from 1 to 65535"):
        ReviewedNode(label)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"verdict": "maybe"}, "not a review"),
        ({"node": {"label": 1}}, "not a review"),
        ({"node": None}, "not a review"),
        ({"colour": "red"}, "not a review"),
        ({"new_label": 0}, "does not follow from the verdict"),
    ],
)
def test_other_values_are_no_review(changes, message):
    """What has an unknown, missing or impossible field is refused."""
    with pytest.raises(InvalidReview, match=message):
        Review.from_dict({**review().to_dict(), **changes})


def test_the_canonical_text_has_one_form():
    """The order of the fields does not matter, and all of it is ASCII."""
    plain = review(reason="Ödem").to_dict()

    backwards = Review.from_dict(dict(reversed(plain.items())))

    assert review(reason="Ödem").canonical() == backwards.canonical()
    assert backwards.canonical().isascii()
