"""Reviews for tests."""

from typing import Any

from imaging.review import Review, ReviewedNode, Verdict

NODE = ReviewedNode(1, image_digest="a" * 64, mask_digest="b" * 64)


def review(entry_id: str = "1", verdict: Verdict = Verdict.METASTATIC, **fields: Any) -> Review:
    """A reader's verdict on a node that was labelled benign."""
    plain = {"when": "2026-11-25T08:00:00+00:00", "reader": "Röntgen", "node": NODE, "old_label": 0, **fields}
    return Review(entry_id, verdict=verdict, **plain)
