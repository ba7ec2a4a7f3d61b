"""A ledger where the disk does not do as it is told."""

import subprocess
import sys

import pytest

from imaging.errors import InvalidLedger
from imaging.ledger import append, read_ledger
from tests.imaging.reviews import review

FULL = """
import resource
import sys
from pathlib import Path
from imaging.errors import InvalidLedger
from imaging.ledger import append
from tests.imaging.reviews import review
path = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 100, -1))
try:
    append(path, [review("9")])
except InvalidLedger as error:
    sys.stdout.write(str(error))
"""
"""Has room for less than a review."""


def test_a_folder_is_no_ledger(tmp_path):
    """What cannot be opened is refused in one sentence."""
    with pytest.raises(InvalidLedger, match="cannot be opened: Is a directory"):
        append(tmp_path, [review()])


def test_a_parent_that_is_a_file_is_no_folder(tmp_path):
    """A place where no ledger can be made is refused in one sentence."""
    (tmp_path / "labels").touch()

    with pytest.raises(InvalidLedger, match=r"ledger\.jsonl cannot be written: File exists"):
        append(tmp_path / "labels" / "ledger.jsonl", [review()])


def test_a_full_disk_leaves_the_ledger_as_it_was(tmp_path):
    """What could not be written whole is taken away at once, is said not to be stored, and can be stored later."""
    path = tmp_path / "ledger.jsonl"
    append(path, [review("7"), review("8")])
    before = path.read_bytes()
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], check=True, capture_output=True, text=True)

    assert "cannot be written: File too large" in done.stdout
    assert before == path.read_bytes()
    append(path, [review("9")])
    assert ["7", "8", "9"] == [each.entry_id for each in read_ledger(path).reviews]
