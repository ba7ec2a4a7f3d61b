"""One turn of the cure: a worklist, a simulated radiologist who answers it, and the ledger that keeps the answers."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.ledger import Ledger, append, read_ledger
from training.cases import Cohort
from training.labels.answered import reviews_of
from training.labels.auditors import Panel
from training.labels.lift import measured_lift
from training.labels.noise import label_qualities
from training.labels.relabelled import corrected, reviewed_places
from training.labels.selection import Choice, chosen_among
from training.labels.simulated import SimulatedReader
from training.labels.trust import trust
from training.labels.worklist import items_of, read_key, write_worklist
from training.reproduction.cohort import LabelledCohort
from training.reproduction.settings import Settings

READER = "simulated radiologist"
LEDGER_FILE = "labels.jsonl"


class Arm(StrEnum):
    """By what the nodes to review are chosen: the audit, but for its controls, or chance alone."""

    GUIDED = "guided"
    RANDOM = "random"

    def control_share(self, settings: Settings) -> float:
        """Share of a worklist that is drawn at random."""
        return settings.control_share if self is Arm.GUIDED else 1.0


@dataclass(frozen=True, slots=True)
class Folder:
    """
    Where the worklists of an arm and its ledger lie.

    Attributes:
        path: Of the arm.
        revision: Of the ledger, that is known so far.
    """

    path: Path
    revision: int

    @property
    def ledger(self) -> Path:
        """The file."""
        return self.path / LEDGER_FILE

    def known(self) -> Ledger:
        """The reviews so far; those of a turn that was killed before its end do not count."""
        return read_ledger(self.ledger).at(self.revision) if self.revision else Ledger()

    def labelled(self, cohort: Cohort) -> Cohort:
        """The cohort with the labels that are known so far."""
        return corrected(cohort, self.ledger, self.known()) if self.revision else cohort

    def reviewed(self, cohort: Cohort) -> frozenset[int]:
        """The places of the nodes that were reviewed so far."""
        return reviewed_places(cohort, self.known())

    def trusted(self, cohort: Cohort, noise: float) -> NDArray[np.float64]:
        """What each label counts for, (nodes,), where so many of those without a review are wrong."""
        return trust(self.reviewed(cohort), len(cohort.cases), noise)


def choices_of(
    panel: Panel, current: Cohort, folder: Folder, size: int, control_share: float, seed: int
) -> tuple[Choice, ...]:
    """
    Choose among the nodes that nobody has reviewed yet.

    Args:
        panel: Auditors of the current labels.
        current: The cohort with these.
        folder: Of the arm.
        size: Nodes to review.
        control_share: Of these, those drawn at random.
        seed: Of the draw.
    """
    known = folder.reviewed(current)
    left = [n for n in range(len(panel.cases)) if n not in known]
    qualities = label_qualities(panel.labels, panel.probabilities)
    return chosen_among(left, qualities, size, control_share, seed)


def reviewed(
    cohort: LabelledCohort, panel: Panel, folder: Folder, arm: Arm, size: int, settings: Settings
) -> dict[str, Any]:
    """
    Write a worklist of the current labels, have it answered, and append the answers to the arm's ledger.

    A turn that was killed and is done again asks about the same nodes, and stores no answer twice.

    Returns:
        The ledger's ``revision``, the ``nodes`` asked about, those ``ranked`` among them, and what the answers showed
        of the ranking.
    """
    current = folder.labelled(cohort.given)
    choices = choices_of(panel, current, folder, size, arm.control_share(settings), settings.seed)
    place = folder.path / f"from-{folder.revision}"
    items = items_of(current, panel.cases, choices, label_qualities(panel.labels, panel.probabilities))
    write_worklist(place, current.table, [panel.cases[each.node] for each in choices], items)
    items, source = read_key(place)
    reader = SimulatedReader(settings.reader_accuracy, settings.seed)
    earlier = read_ledger(folder.ledger).reviews if folder.ledger.is_file() else ()
    append(folder.ledger, reviews_of(reader.answers(items, cohort.truth), items, source, READER, earlier))
    after = read_ledger(folder.ledger)
    lift = measured_lift(items, [review for review in after.reviews if review.source == source])
    return {
        "revision": after.revision,
        "nodes": [each.node for each in choices],
        "ranked": [each.node for each in choices if each.ranked],
        "lift": {**asdict(lift), "value": lift.value},
    }
