"""The words for what becomes of a node are fixed: files and tables hold them."""

from imaging.crop import EdgePolicy, NodeStatus


def test_the_words():
    """Statuses and policies keep their words."""
    assert ["scored", "at edge", "too small"] == list(NodeStatus)
    assert ["report", "pad"] == list(EdgePolicy)
