"""Findings as a table of pandas."""

from imaging.crop import NodeStatus
from service.batch.frame import NODE_COLUMNS
from service.findings import Notice
from service.frame import node_frame
from tests.service.answers import answer, node


def test_each_node_is_a_row():
    """Probability, call, sizes, place and heat stand under the names that a batch uses."""
    frame = node_frame(answer(node(3), node(8, notices=(Notice("NO_POSITIVE_EVIDENCE", "no heat"),))))

    assert [3, 8] == frame.index.tolist()
    assert {"node", *frame.columns} <= set(NODE_COLUMNS)
    assert (0.8, "metastatic", 300.0, 9.0, 2.5) == tuple(
        frame.loc[3, ["probability", "call", "volume_mm3", "centroid_x_mm", "heat_lift"]]
    )
    assert "NO_POSITIVE_EVIDENCE" == frame.loc[8, "notices"]


def test_what_was_not_scored_is_missing_and_not_zero():
    """An unscored node must not look benign."""
    frame = node_frame(answer(node(1), node(2, NodeStatus.AT_EDGE)))

    assert frame.loc[2, ["probability", "logit", "call", "heat_lift"]].isna().all()
    assert "at edge" == frame.loc[2, "status"]


def test_no_node_is_an_empty_table_with_all_columns():
    """What is done with it afterwards need not ask."""
    assert 0 == len(node_frame(answer()))
    assert "probability" in node_frame(answer()).columns
