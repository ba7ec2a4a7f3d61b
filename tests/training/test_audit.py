import json

import numpy as np
import pytest

from imaging.ledger import append
from imaging.review import Verdict
from tests.imaging.reviews import review
from tests.training.cohorts import write_cohort
from tests.training.labels.panels import write_predictions
from training.cases import read_cohort
from training.labels.relabelled import node_of
from training.labels.worklist import KEY_FILE, WORKLIST_FILE, read_key
from training.main import main


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Sixteen patients with one node each."""
    return read_cohort(write_cohort(tmp_path_factory.mktemp("cohort"), patient_count=16))


def command(cohort, folder, strength, *words):
    """The words of `audit` with two auditors that see the labels as well as told."""
    rng = np.random.default_rng(0)
    labels = np.array([case.label for case in cohort.cases])
    scores = {name: strength * labels + rng.normal(size=len(labels)) for name in ("logit", "size")}
    table = write_predictions(folder / "predictions.csv", cohort, **scores)
    predictions = ["--predictions", f"cnn={table}", f"size={table}:size"]
    return ["audit", "--cases", str(cohort.table), "--out", str(folder / "audit"), *predictions, *words]


def confirmed(cohort, cases, folder):
    """A ledger in which readers agree with the labels of these cases."""
    verdicts = [Verdict.METASTATIC if case.label else Verdict.BENIGN for case in cases]
    answers = enumerate(zip(verdicts, cases, strict=True))
    append(folder / "labels.jsonl", [review(str(n), each, node=node_of(cohort, case)) for n, (each, case) in answers])
    return folder / "labels.jsonl"


@pytest.fixture(scope="module")
def seeing(cohort, tmp_path_factory):
    """The folder of an audit by good auditors."""
    folder = tmp_path_factory.mktemp("seeing")
    assert 0 == main(command(cohort, folder, 3.0, "--size", "5"))
    return folder / "audit"


def test_an_audit_writes_all_that_is_needed(cohort, seeing):
    """Numbers, pages, the table to fill in, and its key; on phantoms, it says so."""
    found = json.loads((seeing / "audit.json").read_text())

    assert {"audit.json", "audit.html", "worklist.html", WORKLIST_FILE, KEY_FILE} == {p.name for p in seeing.iterdir()}
    assert (16, 16, True, False) == tuple(found[n] for n in ("node_count", "patient_count", "synthetic", "blind"))
    assert {"size": 5, "controls": 1} == found["worklist"]
    assert cohort.digest == found["cohort_digest"]
    assert ["cnn", "size"] == [opinion["name"] for opinion in found["opinions"]]
    assert "SYNTHETIC" in (seeing / "audit.html").read_text()
    assert "BLIND" not in (seeing / "audit.html").read_text()


def test_the_reader_s_page_tells_nothing(cohort, seeing):
    """It has a picture of each item, and neither label, rank, control, patient nor file."""
    page = (seeing / "worklist.html").read_text()

    assert 5 == page.count("<figure") == page.count("data:image/png;base64,")
    text = page.partition("<figure")[2]
    assert not [word for word in ("control", "ranked", "benign", "metastatic", "p1", "ct-", "0.") if f">{word}" in text]
    assert all(case.image.name not in page for case in cohort.cases)


def test_blind_auditors_are_called_blind(cohort, tmp_path, capsys):
    """Page, file and summary say that the worklist is no better than a random one."""
    assert 0 == main(command(cohort, tmp_path, 0.0))

    assert "BLIND" in capsys.readouterr().out
    assert json.loads((tmp_path / "audit" / "audit.json").read_text())["blind"]
    assert "no better than random" in (tmp_path / "audit" / "audit.html").read_text()


def test_what_a_ledger_has_decided_is_not_asked_again(cohort, tmp_path, capsys):
    """Its nodes are trusted: neither ranked nor drawn, and counted in page, file and summary."""
    reviewed = [node_of(cohort, case) for case in cohort.cases[4:10]]
    ledger = confirmed(cohort, cohort.cases[4:10], tmp_path)

    assert 0 == main(command(cohort, tmp_path, 3.0, "--labels", f"{ledger}@6", "--size", "10"))

    items, _ = read_key(tmp_path / "audit")
    assert 10 == len(items)
    assert not {item.node for item in items} & set(reviewed)
    assert 6 == json.loads((tmp_path / "audit" / "audit.json").read_text())["reviewed_count"]
    assert "6 labels were reviewed" in capsys.readouterr().out
    page = (tmp_path / "audit" / "audit.html").read_text()
    assert "6 labels were reviewed" in page
    assert "rather too LOW" in page
    assert "of all" not in page


def test_a_cohort_that_was_reviewed_wholly_can_be_audited(cohort, tmp_path, capsys):
    """Nothing is left to doubt: no label is wrong, and the worklist is empty."""
    ledger = confirmed(cohort, cohort.cases, tmp_path)

    assert 0 == main(command(cohort, tmp_path, 3.0, "--labels", str(ledger)))

    found = json.loads((tmp_path / "audit" / "audit.json").read_text())
    assert (16, 16, 0) == (found["reviewed_count"], found["node_count"], found["worklist"]["size"])
    assert {"value": 0.0, "lower": 0.0, "upper": 0.0} == found["together"]["noise"]["total"]
    assert () == read_key(tmp_path / "audit")[0]
    assert "0 nodes to fill in" in capsys.readouterr().out
    assert "rather too" not in (tmp_path / "audit" / "audit.html").read_text()


def test_a_worklist_is_never_overwritten(cohort, seeing, tmp_path, capsys):
    """Somebody may have spent a day on it."""
    before = (seeing / WORKLIST_FILE).read_bytes()

    assert 2 == main([*command(cohort, tmp_path, 3.0), "--out", str(seeing)])
    assert "choose another --out" in capsys.readouterr().err
    assert before == (seeing / WORKLIST_FILE).read_bytes()
