"""What ``--dicom-out`` leaves in a folder."""

import pytest

from service.dicom.answer import DicomObject
from service.dicom.folder import save_objects
from service.dicom.kinds import ResultKind

REPORT, MAP, PICTURE = (
    DicomObject(kind, kind.value.encode()) for kind in (ResultKind.SR, ResultKind.PARAMETRIC_MAP, ResultKind.SC)
)


def files(folder):
    """The files of a folder and what they hold, hidden ones included."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_files_are_called_by_their_kind(tmp_path):
    """Of pictures there may be several, so that they are counted."""
    save_objects(tmp_path / "new" / "out", [REPORT, MAP, PICTURE, PICTURE])

    assert {
        "sr.dcm": b"sr",
        "parametric-map.dcm": b"parametric-map",
        "sc-1.dcm": b"sc",
        "sc-2.dcm": b"sc",
    } == files(tmp_path / "new" / "out")


def test_a_second_run_leaves_nothing_of_the_first(tmp_path):
    """A report that is no longer there would be another patient's; other files are left alone."""
    (tmp_path / "mine.dcm").write_bytes(b"mine")
    save_objects(tmp_path, [REPORT, PICTURE, PICTURE])

    save_objects(tmp_path, [MAP])

    assert {"mine.dcm": b"mine", "parametric-map.dcm": b"parametric-map"} == files(tmp_path)


def test_what_fails_half_way_leaves_the_earlier_results_whole(tmp_path):
    """No object is replaced before all are written."""
    save_objects(tmp_path, [REPORT])

    with pytest.raises(TypeError):
        save_objects(tmp_path, [PICTURE, DicomObject(ResultKind.SR, None)])
    assert {"sr.dcm": b"sr"} == files(tmp_path)
