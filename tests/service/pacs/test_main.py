"""The command nodelens-pacs."""

import io
import subprocess
from contextlib import closing, contextmanager

import pydicom
import pynetdicom
import pytest
from pydicom.uid import (
    Comprehensive3DSRStorage,
    CTImageStorage,
    ParametricMapStorage,
    RTStructureSetStorage,
    SecondaryCaptureImageStorage,
    SegmentationStorage,
)

from service.pacs.journal import Journal, held
from service.pacs.main import main
from service.pacs.spool import DRAFTS
from service.pacs.task import State, Task
from tests.service.pacs.bridges import COMMAND, running_bridge
from tests.service.pacs.orthancs import free_port
from tests.service.pacs.phantoms import small_files
from tests.service.pacs.test_watch import MODEL, tasks, until


@contextmanager
def archive():
    """An application entity that keeps results: its port, and what it has, by SOP Instance UID."""
    kept = {}

    def store(event):
        uid = event.request.AffectedSOPInstanceUID
        duplicate = uid in kept
        kept[uid] = event.encoded_dataset()
        return 0x0111 if duplicate else 0x0000

    entity = pynetdicom.AE(ae_title="PACS")
    for sop_class in (
        Comprehensive3DSRStorage,
        ParametricMapStorage,
        SegmentationStorage,
        SecondaryCaptureImageStorage,
    ):
        entity.add_supported_context(sop_class)
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(pynetdicom.evt.EVT_C_STORE, store)])
    try:
        yield server.server_address[1], kept
    finally:
        server.shutdown()


def push(port, *files):
    """Send instances to a bridge."""
    entity = pynetdicom.AE(ae_title="SENDER")
    for sop_class in (CTImageStorage, SegmentationStorage, RTStructureSetStorage):
        entity.add_requested_context(sop_class)
    sender = entity.associate("127.0.0.1", port, ae_title="NODELENS")
    statuses = [sender.send_c_store(pydicom.dcmread(io.BytesIO(content))).Status for content in files]
    sender.release()
    return statuses


def test_a_study_that_is_pushed_gets_its_results_at_the_peer(server, tmp_path):
    """Of the same study and patient; a study that is pushed again gets no others; restarts change nothing."""
    files = small_files(1)
    with archive() as (peer_port, kept):
        sides = ["--server", server.address, "--model", MODEL, "--send-to", f"PACS@127.0.0.1:{peer_port}"]
        words = ["listen", *sides, "--spool", str(tmp_path / "spool"), "--port", "0", "--quiet-seconds", "1"]
        with running_bridge(tmp_path, *words, "--poll-seconds", "0.1", line_count=2) as bridge:
            assert {0} == set(push(int(bridge.lines[1].rpartition(":")[2]), *files))
            until(lambda: tasks(bridge, State.STORED))
            assert 0 == bridge.end()
            bridge.start(line_count=2)
            push(int(bridge.lines[1].rpartition(":")[2]), *files)
            until(lambda: backlog(bridge) == (0, None))
        results = [pydicom.dcmread(io.BytesIO(content)) for content in kept.values()]
        log = bridge.log.read_text()

    assert ["OT", "OT", "SEG", "SR"] == sorted(result.Modality for result in results)
    source = pydicom.dcmread(io.BytesIO(files[0]))
    assert {(source.StudyInstanceUID, source.PatientID)} == {(r.StudyInstanceUID, r.PatientID) for r in results}
    assert 1 == len(tasks(bridge, State.STORED))
    assert 1 == log.count('"stored"')
    assert "canary" not in log.lower()


def backlog(bridge):
    """What is left to do."""
    with closing(Journal(bridge.journal)) as journal:
        return journal.backlog()


def test_status_and_retry_tell_and_change_a_journal(tmp_path, capsys):
    """What was refused is begun again; what is stored only when it is asked for."""
    words = ["--journal", str(tmp_path / "journal")]
    with closing(Journal(tmp_path / "journal")) as journal:
        refused = Task("a", "study-1", "m", "c", State.REFUSED, "slices are missing")
        journal.looked("s", "1", [refused, Task("b", "study-2", "m", "c", State.STORED)])

    assert 0 == main(["status", *words])
    assert "refused  study-1  slices are missing" in capsys.readouterr().out
    assert 0 == main(["retry", *words, "study-2"])
    assert "0 to be begun again\n" == capsys.readouterr().out
    assert 0 == main(["retry", *words])
    assert "1 to be begun again\n" == capsys.readouterr().out
    assert 0 == main(["retry", *words, "--stored"])
    assert "1 to be begun again\n" == capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["watch", "--orthanc", "http://user:secret@localhost"], "without user and password"),
        (["watch", "--orthanc", "http://localhost", "--match", "("], "no regular expression"),
        (["listen", "--spool", "spool", "--send-to", "nobody"], "such as PACS@localhost:104"),
        (["status"], "no such journal"),
        (["retry"], "no such journal"),
    ],
)
def test_what_must_be_mended_is_one_sentence(tmp_path, capsys, words, reason):
    """On stderr, with exit code 2 and without secrets."""
    assert 2 == main([*words, "--journal", str(tmp_path)])

    told = capsys.readouterr().err
    assert told.startswith("nodelens-pacs: ")
    assert reason in told
    assert 1 == told.count("\n")
    assert "secret" not in told


def test_a_second_bridge_with_the_same_journal_is_refused(tmp_path):
    """Two would score everything twice."""
    words = ["watch", "--orthanc", f"http://127.0.0.1:{free_port()}", "--server", f"127.0.0.1:{free_port()}"]
    with running_bridge(tmp_path, *words) as bridge:
        second = [*COMMAND, *words, "--metrics", "127.0.0.1:0", "--journal", str(bridge.journal)]
        refused = subprocess.run(second, capture_output=True, text=True)
        assert 0 == bridge.end()

    assert 2 == refused.returncode
    assert "another nodelens-pacs uses this journal" in refused.stderr


def test_a_second_listener_leaves_the_first_one_s_spool_alone(tmp_path, capsys):
    """What is just being written there is not dropped by one that is refused."""
    draft = tmp_path / "spool" / DRAFTS / "draft"
    draft.parent.mkdir(parents=True)
    draft.touch()
    words = ["listen", "--send-to", "PACS@127.0.0.1:104", "--spool", str(tmp_path / "spool")]
    with held(tmp_path / "journal"):
        assert 2 == main([*words, "--journal", str(tmp_path / "journal")])

    assert "another nodelens-pacs uses this journal" in capsys.readouterr().err
    assert draft.exists()
