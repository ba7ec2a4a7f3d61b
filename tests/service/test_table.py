"""Findings as a table in a terminal."""

from dataclasses import replace

from imaging.crop import NodeStatus
from service.findings import Notice
from service.table import table_of
from tests.service.answers import answer, node


def test_research_use_and_warnings_come_first():
    """Nobody reads a probability before the sentence on its use and the warning that it came from phantoms."""
    table = table_of(answer(node(1), notices=(Notice("SYNTHETIC_MODEL", "learnt from phantoms"),)))

    assert ["Research use only. Not a diagnosis.", "WARNING: learnt from phantoms"] == table.splitlines()[:2]
    assert table.index("phantoms") < table.index("0.800")


def test_a_node_is_one_line():
    """Its number, place, short x long axis, volume, probability, call and heat lift stand in columns."""
    line = table_of(answer(node(63))).splitlines()[-1]

    assert "63 9.0 -3.0 107.5 7.0 x 11.0 300 0.800 metastatic 2.50" == " ".join(line.split())


def test_columns_are_aligned():
    """A long reason in one line moves all others."""
    lines = table_of(answer(node(1), node(12, NodeStatus.AT_EDGE))).splitlines()[-3:]

    assert 1 == len({len(line) for line in lines})
    assert lines[0].lstrip().startswith("node")


def test_an_unscored_node_says_why():
    """There is no number that could be taken for a probability."""
    edge, small = table_of(answer(node(1, NodeStatus.AT_EDGE), node(2, NodeStatus.TOO_SMALL))).splitlines()[-2:]

    assert "not scored: at the edge of the CT" in edge
    assert "not scored: too small" in small
    assert "0.8" not in edge + small


def test_notices_on_nodes_stand_below():
    """Each names its node."""
    table = table_of(answer(node(1, notices=(Notice("LARGER_THAN_CROP", "does not fit"),)), node(2)))

    assert "Node 1: does not fit" == table.splitlines()[-1]


def test_no_nodes_make_no_table():
    """An empty mask leaves its warning, without headings."""
    empty = replace(answer(), notices=(Notice("EMPTY_MASK", "the mask marks nothing"),))

    assert "WARNING: the mask marks nothing" in table_of(empty)
    assert "probability" not in table_of(empty)


def test_names_come_last_and_cannot_move_the_cursor():
    """A segment may be called anything: what does not print is left out, in warnings too."""
    warned = answer(node(1), node(2), notices=(Notice("DICOM_READING", "'\x1b[2Jx' overlap"),))
    lines = table_of(warned, {1: ("hilar", "a\x1b[31m\nb")}).splitlines()

    assert "WARNING: '[2Jx' overlap" == lines[1]
    assert ["marked as", "hilar, a[31mb", ""] == [line[-13:].strip() for line in lines[4:7]]
    assert "marked as" not in table_of(warned)
