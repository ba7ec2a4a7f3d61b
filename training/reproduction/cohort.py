"""A phantom cohort of the paper's size, with wrong labels and the true ones beside them."""

import csv
import json
import shutil
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.cases import COHORT_FILE, COLUMNS, Cohort, read_cohort, read_rows
from training.errors import InvalidCases
from training.phantoms.cohort import write_cohort
from training.phantoms.folder import write_table
from training.phantoms.label_noise import LabelNoise, NoiseKind, flips
from training.phantoms.presets import PRESETS
from training.reproduction.settings import Settings

COHORT_FOLDER = "cohort"
TABLE = "paper.csv"
"""Those of the cohort's rows that are read, with the given labels."""

LEDGER = "paper-truth.csv"
"""Their true labels, row by row, as a cohort's own ledger of wrong labels has them."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledCohort:
    """
    A cohort with both kinds of labels.

    Attributes:
        given: As a table gives them; some are wrong.
        truth: The same nodes with their true labels.
    """

    given: Cohort
    truth: Cohort

    @property
    def labels(self) -> NDArray[np.int64]:
        """The true ones, (nodes,)."""
        return np.array([case.label for case in self.truth.cases], dtype=np.int64)

    @property
    def patients(self) -> list[str]:
        """Whose the nodes are."""
        return [case.patient for case in self.given.cases]

    def wrong_share(self, cohort: Cohort) -> float:
        """Share of a cohort's labels, of the same nodes, that are wrong."""
        return float((np.array([case.label for case in cohort.cases]) != self.labels).mean())


def write_phantoms(out: Path, settings: Settings) -> dict[str, object]:
    """
    Write the cohort, the table of the nodes that are read, and the ledger of their labels.

    The labels go wrong in that table, not in the cohort's own, so that the share is exact among the nodes of it.

    Returns:
        What the cohort's own file says, and which labels of the table are wrong.
    """
    folder = out / COHORT_FOLDER
    # The folder appears whole or not at all; one that is there is of a command that was stopped just after, and a
    # draft is of one that was killed.
    if not folder.exists():
        for draft in out.glob(f".{COHORT_FOLDER}-*"):
            shutil.rmtree(draft)
        write_cohort(folder, settings.patient_count, settings.seed, PRESETS[settings.preset])
    rows = read_rows(folder / "cases.csv")
    kept = kept_rows([row.cells["patient"] for row in rows], settings.node_count, settings.seed)
    cells = [rows[n].cells for n in kept]
    true = np.array([int(each["label"]) for each in cells])
    labels = given_labels(true, settings)
    ledger = [_entry(*each) for each in zip(cells, true.tolist(), labels.tolist(), strict=True)]
    given = [{**each, "label": label} for each, label in zip(cells, labels.tolist(), strict=True)]
    write_table(folder / LEDGER, ledger[0], ledger)
    write_table(folder / TABLE, COLUMNS, given)
    facts: dict[str, object] = json.loads((folder / COHORT_FILE).read_text(encoding="utf-8"))
    return {**facts, "label_noise": str(noise_of(settings)), "flipped_labels": int((labels != true).sum())}


def noise_of(settings: Settings) -> LabelNoise:
    """How labels go wrong: in either class alike."""
    return LabelNoise(NoiseKind.EXACT, (settings.label_noise,))


def given_labels(true: NDArray[np.int64], settings: Settings) -> NDArray[np.int64]:
    """What a table says of nodes with these true labels, (nodes,)."""
    # The exact kind looks neither at patients nor at likelihood ratios.
    nobody = np.zeros(len(true))
    return np.where(flips(noise_of(settings), true, nobody, nobody, settings.seed), 1 - true, true)


def read_phantoms(out: Path) -> LabelledCohort:
    """Read what `write_phantoms` wrote."""
    folder = out / COHORT_FOLDER
    given = read_cohort(folder / TABLE)
    with (folder / LEDGER).open(newline="", encoding="utf-8") as file:
        true = {(row["patient"], int(row["node"])): int(row["label_true"]) for row in csv.DictReader(file)}
    return LabelledCohort(given, given.with_labels([true[case.patient, case.node] for case in given.cases]))


def kept_rows(patients: Sequence[str], count: int, seed: int) -> list[int]:
    """Rows drawn at random: one of each patient, and others until there are as many as asked for."""
    order = np.random.default_rng(seed).permutation(len(patients)).tolist()
    first = {patients[n]: n for n in reversed(order)}
    ones = [n for n in order if first[patients[n]] == n]
    others = [n for n in order if first[patients[n]] != n]
    return sorted((ones + others)[: max(count, len(ones))])


def require_all(cohort: Cohort, answered: Sized) -> None:
    """
    Refuse a cohort of which some nodes cannot be read: all models are to answer the same ones.

    Raises:
        InvalidCases: some cannot.
    """
    missing = len(cohort.cases) - len(answered)
    if missing:
        raise InvalidCases(f"{missing} node(s) of {cohort.table.name} have no crop or no features; try another --seed")


def _entry(cells: Mapping[str, str], true: int, given: int) -> dict[str, object]:
    own = {"patient": cells["patient"], "node": cells["node"]}
    return {**own, "label_true": true, "label_given": given, "flipped": int(given != true)}
