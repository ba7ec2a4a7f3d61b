import csv
import json

import pytest

from imaging.review import Verdict
from tests.training.labels.worklists import fill, write_items
from training.cases import read_cohort
from training.errors import InvalidWorklist
from training.labels.relabelled import node_of
from training.labels.worklist import (
    AUDIT_FILE,
    KEY_FILE,
    WORKLIST_FILE,
    Answer,
    read_answers,
    read_key,
    read_synthetic,
)


@pytest.fixture(scope="module")
def cohort(cohort_csv):
    """Twelve patients with one node each."""
    return read_cohort(cohort_csv)


@pytest.fixture
def folder(cohort, tmp_path):
    """The folder of an audit that asks about six of them."""
    write_items(tmp_path / "audit", cohort, 6)
    return tmp_path / "audit"


def test_the_key_survives_its_file(cohort, tmp_path):
    """The key knows of each item which node it is, and why it is asked about."""
    items = write_items(tmp_path / "audit", cohort, 6)

    assert items == read_key(tmp_path / "audit")[0]
    assert [1, 2, 3, 4, 5, 6] == [item.number for item in items]
    labels = {node_of(cohort, case): case.label for case in cohort.cases}
    assert [labels[item.node] for item in items] == [item.label for item in items]


def test_the_reader_sees_neither_label_nor_reason(folder):
    """The worklist has the files and empty cells, and nothing that tells controls or labels."""
    with (folder / WORKLIST_FILE).open(newline="") as file:
        rows = list(csv.DictReader(file))

    assert ["item", "image", "mask", "node", "verdict", "confidence", "comment"] == list(rows[0])
    assert {("", "", "")} == {(row["verdict"], row["confidence"], row["comment"]) for row in rows}
    assert all(row["image"].startswith("ct-") and row["mask"].startswith("mask-") for row in rows)


def test_audits_are_told_apart(cohort, tmp_path):
    """Another selection of nodes is another audit; the same one is the same."""
    sources = []
    for name, size in (("a", 6), ("b", 6), ("c", 7)):
        write_items(tmp_path / name, cohort, size)
        sources.append(read_key(tmp_path / name)[1])

    assert sources[0] == sources[1]
    assert sources[0] != sources[2]


def test_answers_are_read(folder):
    """Rows without a verdict are left out; capitals do not matter."""
    items, _ = read_key(folder)
    filled = fill(folder / WORKLIST_FILE, {2: "Metastatic", 5: "unsure "}, confidence="4", comment="round")

    answers = read_answers(filled, items)

    assert (Answer(2, Verdict.METASTATIC, 4, "round"), Answer(5, Verdict.UNSURE, 4, "round")) == answers


def test_a_spreadsheet_may_write_semicolons(folder):
    """What Excel writes in half of Europe is read as well."""
    filled = fill(folder / WORKLIST_FILE, {1: "benign"})
    filled.write_text("\ufeff" + filled.read_text().replace(",", ";"))

    assert (Answer(1, Verdict.BENIGN),) == read_answers(filled, read_key(folder)[0])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("\r\n3,", "\r\n99,", "row 4: item '99' is none of the audit's 6"),
        ("\r\n3,", "\r\nthree,", "row 4: item 'three' is none"),
        ("\r\n3,", "\r\n2,", "row 4: item 2 is answered twice"),
        (".nii.gz,1,benign", ".nii.gz,2,benign", "row 2: item 1 is node 1, not 2"),
        (",benign,", ",malignant,", "row 2: verdict 'malignant' must be one of benign, metastatic, unsure, or empty"),
        (",benign,", ",benign,certain", "row 2: confidence 'certain' must be one of 1, 2, 3, 4, 5, or empty"),
        ("verdict", "opinion", "has no column 'verdict'"),
    ],
)
def test_another_table_is_refused(folder, old, new, message):
    """The message names row and cell."""
    filled = fill(folder / WORKLIST_FILE, dict.fromkeys(range(1, 7), "benign"))
    filled.write_bytes(filled.read_bytes().replace(old.encode(), new.encode()))

    with pytest.raises(InvalidWorklist, match=message):
        read_answers(filled, read_key(folder)[0])


def test_another_encoding_is_refused(folder):
    """A comment with an umlaut in another encoding is no reason for a traceback."""
    filled = fill(folder / WORKLIST_FILE, {1: "benign"}, comment="oedematous")
    filled.write_bytes(filled.read_bytes().replace(b"oe", b"\xf6"))

    with pytest.raises(InvalidWorklist, match="is not in UTF-8"):
        read_answers(filled, read_key(folder)[0])


def test_a_folder_without_an_audit_is_refused(folder, tmp_path):
    """Neither a missing nor a damaged key is taken for one."""
    (folder / KEY_FILE).write_text("item,image_digest,mask_digest,node,label,ranked,control,rank,quality\n1,a,b,c\n")

    for path in (folder, tmp_path):
        with pytest.raises(InvalidWorklist, match="is no folder of an audit"):
            read_key(path)


@pytest.mark.parametrize("text", [None, "{}", "[]", "{"])
def test_an_audit_says_whether_it_is_of_phantoms(folder, text):
    """Without a word on that, nothing is assumed."""
    (folder / AUDIT_FILE).write_text(json.dumps({"synthetic": True}))
    assert read_synthetic(folder)

    (folder / AUDIT_FILE).unlink()
    if text is not None:
        (folder / AUDIT_FILE).write_text(text)
    with pytest.raises(InvalidWorklist, match=r"its audit\.json is missing or damaged"):
        read_synthetic(folder)
