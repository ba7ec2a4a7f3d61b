"""A bridge between a real Orthanc and a real server."""

import io
import json
import signal
import time
import urllib.request
from contextlib import closing

import pydicom
import pytest

from imaging.dicom.reader import read_study
from service.client import NodeClassifier
from service.pacs.journal import Journal
from service.pacs.task import State
from tests.service.pacs.bridges import RunningBridge, running_bridge
from tests.service.pacs.orthancs import free_port
from tests.service.pacs.phantoms import small_files, study_files
from tests.service.servers import running_server

MODEL = "cnn-gap"


def until(condition, seconds=90.0):
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def settled(orthanc, bridge):
    """Whether a bridge has read all that its Orthanc has to tell, and nothing is left to do."""
    with closing(Journal(bridge.journal)) as journal:
        last = orthanc.get("/changes?last")
        quiet = last["Changes"][-1]["ChangeType"].startswith("Stable")
        return quiet and last["Last"] == journal.position("orthanc") and journal.backlog() == (0, None)


def tasks(bridge, state):
    """What has come so far."""
    with closing(Journal(bridge.journal)) as journal:
        return journal.tasks(state)


def results_of(orthanc, study):
    """The results in a study, by modality."""
    listed = orthanc.get(f"/studies/{study}/series")
    files = [orthanc.file(instance) for series in listed for instance in series["Instances"]]
    datasets = [pydicom.dcmread(io.BytesIO(content)) for content in files]
    return [dataset for dataset in datasets if dataset.get("Manufacturer") == "NodeLens"]


def probabilities(report):
    """All probabilities of a structured report, in per cent."""
    found = []

    def walk(item):
        name = item.ConceptNameCodeSequence[0].CodeMeaning if "ConceptNameCodeSequence" in item else ""
        if item.get("ValueType") == "NUM" and "robability" in name:
            found.append(float(item.MeasuredValueSequence[0].NumericValue))
        for child in item.get("ContentSequence", ()):
            walk(child)

    walk(report)
    return found


@pytest.fixture
def words(orthanc, server):
    """A command line."""
    sides = ["--orthanc", orthanc.url, "--server", server.address, "--model", MODEL]
    return ["watch", *sides, "--whole-archive", "--poll-seconds", "0.1"]


@pytest.mark.parametrize("marking", ["SEG", "RTSTRUCT"])
def test_results_come_back_into_the_study(orthanc, server, words, tmp_path, marking):
    """All kinds, once, with the probabilities that the service tells a client; they begin nothing."""
    files = study_files(1, marking)
    study = orthanc.upload(*files)
    with running_bridge(tmp_path, *words) as bridge:
        until(lambda: tasks(bridge, State.STORED) and settled(orthanc, bridge))
        with urllib.request.urlopen(bridge.metrics_url) as answer:
            told = answer.read().decode()
        assert 0 == bridge.end()

    read = read_study(files)
    with NodeClassifier(server.address) as classifier:
        found = classifier.classify(read.volume, read.mask, MODEL)
    results = results_of(orthanc, study)
    scored = [node.score.probability for node in found.nodes if node.score]
    [report] = [result for result in results if result.Modality == "SR"]
    assert {study} == set(orthanc.get("/studies"))
    assert {"SR", "SEG", "OT"} | ({"OT"} if scored else set()) == {result.Modality for result in results}
    assert "Parametric Map Storage" in {result.SOPClassUID.name for result in results}
    assert [pytest.approx(100 * p, abs=0.01) for p in scored] == probabilities(report)
    assert len(results) == len({result.SOPInstanceUID for result in results})
    assert 'nodelens_pacs_studies_total{outcome="stored"} 1.0' in told
    assert "nodelens_pacs_source_up 1.0" in told
    assert "nodelens_pacs_service_up 1.0" in told


def test_real_studies_get_their_results(real_data, orthanc, words, tmp_path):
    """A thigh with an RTSTRUCT and a liver with a SEG, neither of them ours, are scored as they are."""
    folders = (real_data / "sarcoma" / "STS_002-dicom", real_data / "dicom-seg")
    studies = [orthanc.upload(*(path.read_bytes() for path in folder.rglob("*.dcm"))) for folder in folders]
    with running_bridge(tmp_path, *words, "--match", "GTV|Liver", "--edge", "pad") as bridge:
        until(lambda: len(tasks(bridge, State.STORED)) == 2 and settled(orthanc, bridge))

    for study in studies:
        results = results_of(orthanc, study)
        assert ["OT", "OT", "SEG", "SR"] == sorted(result.Modality for result in results)
        [[probability]] = [probabilities(result) for result in results if result.Modality == "SR"]
        assert 0 <= probability <= 100


def test_each_of_20_studies_has_one_set_of_results_whoever_is_killed(orthanc, words, tmp_path):
    """Orthanc is killed and started again while studies come and are scored, and so is the bridge."""
    bridge = RunningBridge(tmp_path, *words, "--without", "sc")
    bridge.start()
    studies = [orthanc.upload(*small_files(number)) for number in range(10)]
    until(lambda: len(tasks(bridge, State.STORED)) >= 2)
    orthanc.end(signal.SIGKILL)
    time.sleep(1)
    orthanc.start()
    studies += [orthanc.upload(*small_files(number)) for number in range(10, 20)]
    until(lambda: len(tasks(bridge, State.STORED)) >= 8)
    bridge.end(signal.SIGKILL)
    bridge.start()
    until(lambda: len(tasks(bridge, State.STORED)) >= 20 and settled(orthanc, bridge))
    assert 0 == bridge.end()

    assert 20 == len(set(studies)) == len(orthanc.get("/studies"))
    assert {("OT", "SEG", "SR")} == {tuple(sorted(r.Modality for r in results_of(orthanc, s))) for s in studies}
    assert 20 == len(tasks(bridge, State.STORED))


def test_a_study_waits_for_a_service_that_is_away(orthanc, models, tmp_path):
    """It is scored when the service comes."""
    address = f"127.0.0.1:{free_port()}"
    study = orthanc.upload(*small_files(1))
    words = ["watch", "--orthanc", orthanc.url, "--server", address, "--model", MODEL, "--whole-archive"]
    with running_bridge(tmp_path, *words, "--poll-seconds", "0.1", "--without", "sc") as bridge:
        until(lambda: tasks(bridge, State.FOUND) and "away" in bridge.log.read_text())
        assert b"nodelens_pacs_service_up 0.0" in urllib.request.urlopen(bridge.metrics_url).read()
        with running_server(models, tmp_path / "log", "--allow-research", "--listen", address):
            until(lambda: tasks(bridge, State.STORED))

    assert 3 == len(results_of(orthanc, study))


def test_what_is_refused_is_told_and_tried_again_when_it_is_mended(orthanc, words, tmp_path):
    """A missing slice is named by its instance number; when it comes the study is scored."""
    *slices, missing, last, marking = study_files(1, "RTSTRUCT")
    study = orthanc.upload(*slices, last, marking)
    with running_bridge(tmp_path, *words, "--without", "sc") as bridge:
        until(lambda: tasks(bridge, State.REFUSED))
        [refused] = tasks(bridge, State.REFUSED)
        orthanc.upload(missing)
        until(lambda: tasks(bridge, State.STORED))

    assert study == refused.study
    assert "CANARY" not in refused.reason.upper()
    assert 1 == len([result for result in results_of(orthanc, study) if result.Modality == "SR"])


def test_logs_are_json_lines_that_name_no_patient(orthanc, words, tmp_path):
    """Nothing that stands in the study is in log, metrics or journal."""
    study = orthanc.upload(*study_files(3, "RTSTRUCT"))
    with running_bridge(tmp_path, *words, "--without", "sc") as bridge:
        until(lambda: tasks(bridge, State.STORED))
        metrics = urllib.request.urlopen(bridge.metrics_url).read()

    lines = [json.loads(line) for line in bridge.log.read_text().splitlines()]
    assert [study] * 2 == [line["study"] for line in lines if line["event"] in ("found", "stored")]
    written = b"".join(path.read_bytes() for path in tmp_path.glob("journal*")) + metrics + bridge.log.read_bytes()
    assert b"canary" not in written.lower()
    assert b"LN_1" not in written
