import csv
import shutil

import pytest

from tests.training.cohorts import read_table, write_cohort
from training.errors import InvalidOptions
from training.phantoms.defects import DEFECTS, LEDGER_FILE, inject_defects


@pytest.fixture
def folder(tmp_path):
    """A cohort of twelve patients with one node each."""
    return write_cohort(tmp_path / "cohort", patient_count=12).parent


def test_the_ledger_tells_what_was_done(folder):
    """Half of the patients are struck, each in a way of its own; the ledger on disk is the one given back."""
    ledger = inject_defects(folder, 0.5, 0)

    with (folder / LEDGER_FILE).open(newline="") as file:
        written = tuple((int(line["row"]), line["defect"]) for line in csv.DictReader(file))
    assert written == ledger
    names = {name for _, name in ledger}
    assert 5 <= len(names) <= 6
    assert names <= {*DEFECTS}
    rows = read_table(folder / "cases.csv")
    struck = {rows[row - 2]["patient"].removesuffix("b") for row, _ in ledger}
    assert len(names) == len(struck)


def test_a_seed_makes_one_cohort(folder):
    """The same seed spoils alike, another one does not."""
    copies = []
    for number, seed in enumerate([4, 4, 5]):
        shutil.copytree(folder, folder.parent / str(number))
        copies.append(inject_defects(folder.parent / str(number), 0.6, seed))

    assert copies[0] == copies[1] != copies[2]
    assert read_table(folder.parent / "0" / "cases.csv") == read_table(folder.parent / "1" / "cases.csv")


@pytest.mark.parametrize("share", [0.0, 1.0, -1.0])
def test_all_or_none_is_refused(folder, share):
    """Precision needs sound patients, recall needs struck ones."""
    with pytest.raises(InvalidOptions, match="some must be struck, and not all"):
        inject_defects(folder, share, 0)


def test_only_phantoms_are_spoilt_and_only_once(tmp_path, folder):
    """Real CTs are never changed, and a ledger never lost."""
    real = write_cohort(tmp_path / "real", synthetic=False).parent
    inject_defects(folder, 0.5, 0)

    for cohort in (real, folder):
        with pytest.raises(InvalidOptions, match="into phantoms only, and only once"):
            inject_defects(cohort, 0.5, 0)
    assert not (real / LEDGER_FILE).exists()
