"""What became of a case."""

import json

from service.batch.cases import read_table
from service.batch.record import Record
from tests.service.batch.records import scored


def test_a_record_survives_its_line(cohort, embedded, tmp_path):
    """What was found is what is read back, number by number."""
    record = scored(read_table(cohort), embedded, tmp_path)["c003"]

    line = json.dumps(record.to_dict(), allow_nan=False)

    assert json.loads(line) == Record(**json.loads(line)).to_dict()
    assert record.scored
    assert [1, 2, 3] == [node["label"] for node in record.nodes]


def test_a_batch_makes_no_pictures(cohort, embedded, tmp_path):
    """So that its findings name none; all else of the findings of one case is there."""
    findings = scored(read_table(cohort), embedded, tmp_path)["c000"].findings

    assert not [node for node in findings["nodes"] if "picture" in node]
    assert {"research_use", "model", "operating_point", "separation", "nodes", "notices"} <= findings.keys()


def test_a_case_without_findings_was_not_scored():
    """It has no nodes."""
    failed = Record("c", reason="UNREADABLE_IMAGE", message="no such file")

    assert (False, []) == (failed.scored, failed.nodes)
