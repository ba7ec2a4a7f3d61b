import json

import pytest

from imaging.ledger import read_ledger
from imaging.review import Verdict
from tests.training.labels.worklists import fill, write_items
from training.cases import read_cohort
from training.labels.relabelled import labelled_cohort, node_of
from training.labels.worklist import AUDIT_FILE, WORKLIST_FILE, read_key
from training.main import main


@pytest.fixture(scope="module")
def cohort(cohort_csv):
    """Twelve patients with one node each."""
    return read_cohort(cohort_csv)


@pytest.fixture
def audit(cohort, tmp_path):
    """The folder of an audit that asks about eight of them."""
    write_items(tmp_path / "audit", cohort, 8)
    (tmp_path / "audit" / AUDIT_FILE).write_text('{"synthetic": true}')
    return tmp_path / "audit"


def command(audit, filled, reader="Curie"):
    """The words of `relabel`."""
    ledger = audit.parent / "ledger.jsonl"
    return ["relabel", str(filled), "--audit", str(audit), "--ledger", str(ledger), "--reader", reader]


def opposite(audit, *numbers):
    """Verdicts that contradict the labels of some items."""
    items, _ = read_key(audit)
    return {n: Verdict.BENIGN if items[n - 1].label else Verdict.METASTATIC for n in numbers}


def test_answers_become_labels(cohort, audit, capsys):
    """The contradicted nodes have another label, no other has, and the cohort another digest."""
    filled = fill(audit / WORKLIST_FILE, {**opposite(audit, 1, 4), 6: Verdict.UNSURE})
    assert 0 == main(command(audit, filled))

    said = capsys.readouterr().out
    found = labelled_cohort(cohort.table, f"{audit.parent / 'ledger.jsonl'}@3")
    items, _ = read_key(audit)
    changed = {node_of(cohort, old) for old, new in zip(cohort.cases, found.cases, strict=True) if old != new}
    assert {items[0].node, items[3].node} == changed
    assert cohort.digest != found.digest
    assert "3 of 8 items answered, 1 of them unsure; 5 left empty" in said
    assert "ledger.jsonl@3: 3 new entries, 2 labels changed by them" in said
    assert "SYNTHETIC" in said


def test_the_same_table_again_changes_nothing(audit, capsys):
    """A second run stores no second entry."""
    words = command(audit, fill(audit / WORKLIST_FILE, opposite(audit, 1, 2)))
    main(words)
    before = (audit.parent / "ledger.jsonl").read_bytes()

    assert 0 == main(words)
    assert "0 new entries, 0 labels changed by them" in capsys.readouterr().out
    assert before == (audit.parent / "ledger.jsonl").read_bytes()


def test_a_second_reader_may_contradict(audit, capsys):
    """One against one is open: the label of the table is back."""
    items, _ = read_key(audit)
    main(command(audit, fill(audit / WORKLIST_FILE, opposite(audit, 1))))
    same = Verdict.METASTATIC if items[0].label else Verdict.BENIGN

    assert 0 == main(command(audit, fill(audit / WORKLIST_FILE, {1: same}), reader="Roentgen"))
    assert "1 new entries, 1 labels changed by them" in capsys.readouterr().out
    assert ["Curie", "Roentgen"] == json.loads((audit / "relabel.json").read_text())["readers"]


def test_the_lift_is_written_down(audit):
    """What the release asks for: shares of both kinds with intervals, and the ledger's revision and head."""
    items, _ = read_key(audit)
    contradicted = [item.number for item in items if item.ranked] + [item.number for item in items if item.control][:1]
    agreeing = {
        item.number: Verdict.METASTATIC if item.label else Verdict.BENIGN
        for item in items
        if item.number not in contradicted
    }
    main(command(audit, fill(audit / WORKLIST_FILE, {**agreeing, **opposite(audit, *contradicted)})))

    found, ledger = json.loads((audit / "relabel.json").read_text()), read_ledger(audit.parent / "ledger.jsonl")
    wrong = sum(item.control for item in items if item.number in contradicted)
    assert 1.0 == found["ranked"]["share"]["value"]
    assert (wrong, 4) == (found["control"]["wrong"], found["control"]["answered"])
    assert 4 / wrong == found["lift"]
    assert (8, ledger.head) == (found["ledger_revision"], found["ledger_head"])


@pytest.mark.parametrize(
    ("verdict", "reader", "message"), [("perhaps", "Curie", "verdict 'perhaps'"), ("benign", " ", "--reader")]
)
def test_a_faulty_answer_leaves_the_ledger_alone(audit, verdict, reader, message, capsys):
    """All answers are stored, or none."""
    filled = fill(audit / WORKLIST_FILE, {1: "benign", 2: verdict})

    assert 2 == main(command(audit, filled, reader))
    assert message in capsys.readouterr().err
    assert not (audit.parent / "ledger.jsonl").exists()


def test_a_changed_ledger_is_not_continued(audit, capsys):
    """A broken chain is named, and nothing is added."""
    filled = fill(audit / WORKLIST_FILE, opposite(audit, 1, 2, 3))
    main(command(audit, filled))
    ledger = audit.parent / "ledger.jsonl"
    ledger.write_text(ledger.read_text().replace("Curie", "Meyer", 1))

    assert 2 == main(command(audit, filled, "Roentgen"))
    assert "line 1 was changed after it was stored" in capsys.readouterr().err
