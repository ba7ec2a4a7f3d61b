"""The tables that a batch leaves."""

import sys

import pandas
import pytest

from service.batch.case import Case
from service.batch.cases import read_table
from service.batch.faults import ExtraMissing
from service.batch.frame import CASE_COLUMNS, NODE_COLUMNS, case_row, node_rows, require_pandas, write_tables
from service.batch.record import Record
from tests.service.batch.records import scored


@pytest.fixture(scope="module")
def cases(cohort):
    """Three cases of a cohort, and one that cannot be read."""
    return (*read_table(cohort).cases[:3], Case("gone", cohort / "ct", cohort / "mask"))


@pytest.fixture(scope="module")
def records(cases, cohort, embedded, tmp_path_factory):
    """What became of the cases but the second."""
    found = scored(read_table(cohort), embedded, tmp_path_factory.mktemp("heat"))
    lost = Record("gone", reason="UNREADABLE_IMAGE", message="no such file")
    return {"c000": found["c000"], "c002": found["c002"], "gone": lost}


def test_a_row_for_each_node_in_the_order_of_the_cases(cases, records, tmp_path):
    """With what is known beside what was found; CSV and Parquet say the same."""
    write_tables(tmp_path, cases, records, True)
    table = pandas.read_parquet(tmp_path / "nodes.parquet")

    assert list(NODE_COLUMNS) == list(table.columns)
    assert [("c000", 1), ("c000", 2), ("c000", 3), ("c002", 1), ("c002", 2), ("c002", 3)] == list(
        table[["case", "node"]].itertuples(index=False, name=None)
    )
    assert ["p0"] * 3 + ["p1"] * 3 == table["patient"].tolist()
    assert [1, 0, pandas.NA, 1, 0, pandas.NA] == table["label"].tolist()
    read = pandas.read_csv(tmp_path / "nodes.csv", dtype=dict(NODE_COLUMNS))
    pandas.testing.assert_frame_equal(table.astype(dict(NODE_COLUMNS)), read)


def test_numbers_are_those_of_the_findings(cases, records):
    """None is changed on the way, and what does not exist is missing."""
    rows = list(node_rows(cases, records))
    nodes = [node for name in ("c000", "c002") for node in records[name].nodes]

    for row, node in zip(rows, nodes, strict=True):
        assert (node["probability"], node["logit"], node["call"]) == (row["probability"], row["logit"], row["call"])
        assert node["measurements"]["short_axis_mm"] == row["short_axis_mm"]
        assert tuple(node["centroid_lps_mm"]) == (row["centroid_x_mm"], row["centroid_y_mm"], row["centroid_z_mm"])
    assert ("at edge", None, None, None) == tuple(
        rows[2][name] for name in ("status", "probability", "operating_point", "heat_lift")
    )


def test_every_row_says_what_it_is_for(cases, records):
    """Research use, and whether model or CTs are made up."""
    for row in node_rows(cases, records, synthetic_data=True):
        assert (True, True, "Research use only. Not a diagnosis.") == (
            row["synthetic_model"],
            row["synthetic_data"],
            row["use"],
        )
        assert "SYNTHETIC_MODEL" in row["notices"].split()


def test_a_row_for_each_case(cases, records, tmp_path):
    """With what became of it, and why."""
    write_tables(tmp_path, cases, records, False)
    table = pandas.read_csv(tmp_path / "cases.csv", dtype=dict(CASE_COLUMNS))

    assert ["scored", "not tried", "scored", "failed"] == table["outcome"].tolist()
    assert ("UNREADABLE_IMAGE", "no such file") == tuple(table.loc[3, ["reason", "message"]])
    assert [3, pandas.NA, 3, pandas.NA] == table["nodes"].tolist()
    scores = [row["probability"] for row in node_rows(cases[:1], records) if row["call"]]
    assert max(scores) == table["highest_probability"][0]
    assert case_row(cases[0], records["c000"]).keys() <= CASE_COLUMNS.keys()


def test_a_batch_without_nodes_has_tables_too(cases, tmp_path):
    """With all their columns."""
    write_tables(tmp_path, cases, {}, False)

    assert list(NODE_COLUMNS) == list(pandas.read_parquet(tmp_path / "nodes.parquet").columns)
    assert (0, 4) == (len(pandas.read_csv(tmp_path / "nodes.csv")), len(pandas.read_csv(tmp_path / "cases.csv")))


@pytest.mark.parametrize("package", ["pandas", "pyarrow"])
def test_without_the_extra_it_is_said_what_to_install(tmp_path, monkeypatch, package):
    """Tables are an extra; who has it not is told its name."""
    (tmp_path / f"{package}.py").write_text("raise ImportError('not installed')")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)

    with pytest.raises(ExtraMissing, match=r"install nodelens\[batch\]"):
        require_pandas()
