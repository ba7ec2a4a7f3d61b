"""The command `nodelens-score batch`, from files to files."""

import json
import shutil
import signal
import time

import numpy as np
import pandas
import pytest

from imaging.files import write_image
from service.batch.frame import NODES_CSV
from service.score import main
from tests.imaging.dicom.markings import segmentation, stored
from tests.imaging.series import slices_of
from tests.service.batch.cohorts import variant, write_table
from tests.service.batch.runs import (
    answered,
    ended,
    finished,
    killed,
    nodes,
    require_same_tables,
    sent_after_scored,
    started,
)
from tests.service.scans import GRID

FILES = [
    "cases.csv",
    "findings.jsonl",
    "journal.jsonl",
    "model.json",
    "nodes.csv",
    "nodes.parquet",
    "roc.json",
    "summary.json",
]
STREAMS = 2


@pytest.fixture
def batch(server, tmp_path, capsys):
    """Runs the command on a server; tells exit code, output, error output and the folder of results."""

    def run(cases, *options):
        out = tmp_path / "out"
        words = [str(cases), "--server", server.address, "--model", "cnn-gap", "--out", str(out), *map(str, options)]
        code = main(["batch", "--streams", str(STREAMS), *words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err, out

    return run


def summary(out):
    """What the batch came to."""
    return json.loads((out / "summary.json").read_text())


@pytest.fixture(scope="module")
def whole(cohort, server, tmp_path_factory):
    """The results of the cohort, uninterrupted."""
    out = tmp_path_factory.mktemp("whole") / "out"
    assert 0 == main(["batch", str(cohort), "--server", server.address, "--model", "cnn-gap", "--out", str(out)])
    return out


def test_a_cohort_becomes_a_table(batch, cohort):
    """Every case is scored; tables, findings and what they are worth are there; synthetic is said before any number."""
    code, out, err, folder = batch(cohort)

    assert (0, FILES) == (code, sorted(path.name for path in folder.iterdir()))
    assert {"all": 10, "scored": 10, "failed": 0, "not_tried": 0} == summary(folder)["cases"]
    assert 30 == len(nodes(folder))
    assert "Research use only. Not a diagnosis." == out.splitlines()[0]
    assert "SYNTHETIC: the model learnt from phantoms" in out.splitlines()[1]
    assert f"Results are in {folder}" == out.splitlines()[-1]
    assert "10/10" in err


def test_this_process_finds_what_a_server_finds(whole, cohort, models, tmp_path):
    """The same tables, without a server."""
    words = ["--embedded", "--models", str(models), "--device", "cpu", "--model", "cnn-gap", "--out", str(tmp_path)]

    assert 0 == main(["batch", str(cohort), *words])
    require_same_tables(whole, tmp_path)


def test_what_is_wrong_spoils_its_case_only(batch, cohort, tmp_path, server):
    """It is named, counted by reason, and told by the exit code; mended, it is scored when the batch goes on."""
    ct, mask = cohort.parent / "images" / "c000.nii.gz", cohort.parent / "masks" / "c000.nii.gz"
    rows = [(ct, mask, "good"), ("late.nii.gz", mask, "late"), (ct, "", "cell"), (ct, "far.nii.gz", "far")]
    far = np.ones((4, 4, 4), dtype=np.uint8)
    write_image(tmp_path / "far.nii.gz", far, type(GRID)(far.shape, GRID.spacing_mm, (900.0, 0.0, 0.0)))
    table = write_table(tmp_path / "t.csv", ("image", "mask", "case"), rows)
    before = answered(server.metrics_url)
    code, _, err, folder = batch(table)
    cases = pandas.read_csv(folder / "cases.csv", index_col="case")

    assert 1 == code
    assert {"UNREADABLE_IMAGE": 1, "UNUSABLE_CASE": 1, "MASK_OUTSIDE_VOLUME": 1} == summary(folder)["failures"]
    assert ["scored", "failed", "failed", "failed"] == cases["outcome"].tolist()
    assert "row 4, column mask: is empty" == cases["message"]["cell"]
    assert "late: " in err
    assert "--resume tries the others again" in err

    shutil.copy(ct, tmp_path / "late.nii.gz")
    code, _, _, folder = batch(table, "--resume")
    assert (1, 2, 2) == (code, summary(folder)["cases"]["scored"], answered(server.metrics_url) - before)
    assert ["good"] * 3 + ["late"] * 3 == nodes(folder)["case"].tolist()


def test_a_batch_that_is_done_asks_no_server(batch, cohort, server):
    """Its tables are written again as they were."""
    folder = batch(cohort)[3]
    table, before = (folder / NODES_CSV).read_bytes(), answered(server.metrics_url)

    assert 0 == batch(cohort, "--resume")[0]
    assert (table, before) == ((folder / NODES_CSV).read_bytes(), answered(server.metrics_url))


def test_a_killed_batch_goes_on_where_it_was(whole, cohort, server, tmp_path):
    """
    After three SIGKILLs the tables are those of an uninterrupted run, with heat maps whole.

    No case that had an answer was sent again; what the server answered more than once was under way at a kill.
    """
    out, before = tmp_path / "out", answered(server.metrics_url)
    words = [cohort, "--server", server.address, "--model", "cnn-gap", "--streams", STREAMS, "--heatmaps"]
    done = killed(out, 10, 3, 0, *words)
    code, _, err = ended(*words, "--out", out, "--resume")

    assert (0, sorted(done)) == (code, done), err
    require_same_tables(whole, out)
    assert set() == sent_after_scored(out)
    twice = answered(server.metrics_url) - before - 10
    assert 0 <= twice <= len(summary(out)["sent_again"]) <= 3 * STREAMS
    assert [f"c{n:03}.nii.gz" for n in range(10)] == sorted(path.name for path in (out / "heatmaps").iterdir())
    assert sorted([*FILES, "heatmaps"]) == sorted(path.name for path in out.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_batch_that_is_told_to_end_finishes_what_was_sent(cohort, server, tmp_path, number):
    """Tables are written of what there is; nothing was sent in vain."""
    out, before = tmp_path / "out", answered(server.metrics_url)
    words = [cohort, "--server", server.address, "--model", "cnn-gap", "--streams", "1", "--out", out]
    process = started(*words)
    while not finished(out) and process.poll() is None:
        time.sleep(0.005)
    process.send_signal(number)
    _, err = process.communicate()
    cases = summary(out)["cases"]

    assert (1, cases["scored"]) == (process.returncode, answered(server.metrics_url) - before)
    assert 10 == cases["scored"] + cases["not_tried"]
    assert "Traceback" not in err
    assert 3 * cases["scored"] == len(nodes(out))


def test_dicom_studies_are_cases(batch, tmp_path):
    """Each folder has a CT and what is marked in it; nothing of the patient reaches results or log."""
    for n in range(2):
        volume, mask = variant(n)
        slices = slices_of(volume)
        layers = np.stack([mask.labels == node for node in (1, 2)])
        (tmp_path / "studies" / f"s{n}").mkdir(parents=True)
        for k, content in enumerate(stored(*slices, segmentation(slices, layers, ["station 7", "station 4"]))):
            (tmp_path / "studies" / f"s{n}" / f"{k}.dcm").write_bytes(content)
    code, out, err, folder = batch(tmp_path / "studies", "--dicom", "--name", "station 7")

    assert (0, [("s0", 1), ("s1", 1)]) == (code, [*nodes(folder)[["case", "node"]].itertuples(index=False, name=None)])
    told = out + err + "".join(path.read_text(errors="ignore") for path in folder.iterdir())
    assert "CANARY" not in told.upper()


def test_names_of_files_and_patients_stay_here(cohort, whole, server):
    """The server learns neither."""
    log = server.log.read_text()

    assert "ClassifyStream" in log
    assert not [word for word in ("c001", '"p1"', str(cohort.parent), "nii.gz") if word in log]


def test_what_cannot_begin_is_one_clear_line(batch, cohort, tmp_path):
    """With exit code 2, and without results."""
    for cases, options, reason in (
        (tmp_path / "none.csv", [], "no such file"),
        (cohort, ["--model", "resnet50"], "no model resnet50; it has"),
        (cohort, ["--server", "127.0.0.1:1", "--embedded"], "--embedded needs --models"),
    ):
        code, out, err, folder = batch(cases, *options)

        assert (2, "", 1) == (code, out, err.count("\n"))
        assert err.startswith("nodelens-score batch: ")
        assert reason in err
        assert not folder.exists()


def test_another_batch_is_not_mixed_with_this(batch, cohort):
    """The folder says whose it is."""
    batch(cohort)

    assert "holds a batch already" in batch(cohort)[2]
    assert "its list of cases is SHA-256" in batch(cohort.parent, "--resume")[2]
    assert "its operating point is None, this one's 0.5" in batch(cohort, "--resume", "--operating-point", "0.5")[2]
