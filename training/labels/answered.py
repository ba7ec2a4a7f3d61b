"""From a reader's answers to reviews."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from imaging.review import Review
from training.labels.worklist import Answer, Item


def reviews_of(
    answers: Iterable[Answer], items: Sequence[Item], source: str, reader: str, earlier: Iterable[Review]
) -> tuple[Review, ...]:
    """
    The reviews that a reader's answers add to those of a ledger.

    What a reader says once more is no new review; what a reader says anew is.

    Args:
        answers: To a worklist.
        items: Of that worklist.
        source: Digest by which its audit is known.
        reader: Who answered.
        earlier: The ledger's reviews.
    """
    said: dict[object, list[Review]] = {}
    for review in earlier:
        if review.source == source and review.reader == reader:
            said.setdefault(review.node, []).append(review)
    by_number = {item.number: item for item in items}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    reviews = []
    for answer in answers:
        item = by_number[answer.item]
        before = said.get(item.node, [])
        review = Review(
            entry_id=f"{source[:16]}/{item.number}/{reader}/{len(before) + 1}",
            when=now,
            reader=reader,
            verdict=answer.verdict,
            node=item.node,
            old_label=item.label,
            confidence=answer.confidence,
            reason=answer.comment,
            source=source,
        )
        if not before or _content(before[-1]) != _content(review):
            reviews.append(review)
    return tuple(reviews)


def _content(review: Review) -> tuple[object, ...]:
    return review.verdict, review.confidence, review.reason
