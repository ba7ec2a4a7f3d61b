"""What was sent to a bridge is kept whole until it is not needed any more."""

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.dicom.objects import file_of
from service.faults import CannotStart
from service.pacs.archive import digest_of
from service.pacs.faults import StudyFailed
from service.pacs.spool import Spool, SpoolFull
from tests.service.pacs.phantoms import ct_slices, segmentation, uid

FILES = [file_of(each) for each in ct_slices(1)[:4]]
STUDY = digest_of(uid("study", 1))


def spool_at(folder, **changes):
    """A spool with room for everything, where nothing gets old."""
    chosen = {"send": lambda content: None, "quiet_s": 1000.0, "limit_bytes": 1 << 30, "keep_s": 1000.0}
    return Spool(folder, **(chosen | changes))


def age(folder, seconds):
    """Let a study have come a while ago."""
    then = time.time() - seconds
    for path in (folder / STUDY, *(folder / STUDY).iterdir()):
        os.utime(path, (then, then))


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    """With the option that names another one."""
    (tmp_path / "file").touch()

    with pytest.raises(CannotStart, match=r"--spool .* name another folder"):
        spool_at(tmp_path / "file" / "spool")


def test_what_came_is_a_study(tmp_path):
    """With series by UID and modality, and files as they came; names tell nothing."""
    spool = spool_at(tmp_path)
    for content in (*FILES, file_of(segmentation(ct_slices(1)))):
        spool.add(content)

    view = spool.study(STUDY)
    assert {("CT", 4), ("SEG", 1)} == {(series.modality, len(series.instances)) for series in view.series}
    [ct] = [series for series in view.series if series.modality == "CT"]
    assert uid("series", 1) == ct.uid
    assert set(FILES) == set(map(spool.file, ct.instances))
    assert not [path for path in tmp_path.rglob("*") if "1.2.826" in path.name]


def test_nobody_else_may_read_what_came(tmp_path):
    """Whoever made the folder: a volume is often open to all."""
    tmp_path.chmod(0o755)
    spool_at(tmp_path).add(FILES[0])

    made = {path: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert {0o600} == {mode for path, mode in made.items() if path.is_file()}
    assert {0o700} == {mode for path, mode in made.items() if path.is_dir()}


def test_a_study_is_news_when_an_instance_comes(tmp_path):
    """Its stamp changes, for a replaced instance too."""
    spool = spool_at(tmp_path)
    stamps = []
    for content in (FILES[0], FILES[1], FILES[1]):
        spool.add(content)
        stamps.append(spool.news(0).studies[STUDY])
        time.sleep(0.02)

    assert 3 == len(set(stamps))
    assert 0 == spool.start()


def test_a_study_is_quiet_when_nothing_has_come_for_a_while(tmp_path):
    """Not before."""
    spool = spool_at(tmp_path)
    spool.add(FILES[0])
    assert not spool.study(STUDY).quiet

    age(tmp_path, 1001)
    assert spool.study(STUDY).quiet


def test_what_came_survives_a_restart(tmp_path):
    """Half-written files do not; what is there counts against the limit."""
    spool_at(tmp_path).add(FILES[0])
    (tmp_path / ".drafts" / "half").write_bytes(b"half")

    spool = spool_at(tmp_path, limit_bytes=len(FILES[0]) + 10)

    assert 1 == len(spool.study(STUDY).series[0].instances)
    assert [] == list((tmp_path / ".drafts").iterdir())
    with pytest.raises(SpoolFull):
        spool.add(FILES[1])


def test_a_full_spool_takes_nothing_and_an_emptied_one_does(tmp_path):
    """An instance that is replaced needs no room of its own for long."""
    spool = spool_at(tmp_path, limit_bytes=2 * len(FILES[0]) + 100)
    spool.add(FILES[0])
    for _ in range(3):
        spool.add(FILES[0])
    spool.add(FILES[1])
    with pytest.raises(SpoolFull):
        spool.add(FILES[2])

    age(tmp_path, 2000)
    spool.tidy(lambda study: False)

    spool.add(FILES[2])
    assert 1 == len(spool.study(STUDY).series[0].instances)


def test_what_cannot_be_written_is_not_taken(tmp_path):
    """And leaves no trace."""
    spool = spool_at(tmp_path)
    shutil.rmtree(tmp_path / ".drafts")

    with pytest.raises(SpoolFull):
        spool.add(FILES[0])
    assert {} == spool.news(0).studies


@pytest.mark.parametrize("keyword", ["SeriesInstanceUID", "StudyInstanceUID"])
def test_what_has_no_uid_is_not_taken(tmp_path, keyword):
    """It would have no place."""
    dataset = ct_slices(1)[0]
    setattr(dataset, keyword, "")

    with pytest.raises(ValueError, match="lacks a UID"):
        spool_at(tmp_path).add(file_of(dataset))


def test_old_studies_are_dropped_unless_something_is_left_to_do(tmp_path):
    """What is young stays."""
    spool = spool_at(tmp_path)
    spool.add(FILES[0])
    spool.tidy(lambda study: False)
    age(tmp_path, 2000)
    spool.tidy(lambda study: study == STUDY)
    assert spool.study(STUDY) is not None

    spool.tidy(lambda study: False)

    assert spool.study(STUDY) is None
    with pytest.raises(StudyFailed, match="cannot be read from the spool"):
        spool.file(f"{STUDY}/x/y.dcm")


def test_instances_may_come_at_once(tmp_path):
    """All are there."""
    spool = spool_at(tmp_path)
    files = [file_of(each) for each in ct_slices(1)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(spool.add, files))

    assert len(files) == len(spool.study(STUDY).series[0].instances)


def test_results_go_to_the_peer(tmp_path):
    """Whatever the study."""
    sent = []

    spool_at(tmp_path, send=sent.append).store(STUDY, b"result")

    assert [b"result"] == sent
