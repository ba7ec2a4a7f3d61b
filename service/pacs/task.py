"""A marking on its way to its results."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How far a marking has come."""

    FOUND = "found"
    SCORED = "scored"
    STORED = "stored"
    REFUSED = "refused"
    FAILED = "failed"


OPEN = (State.FOUND, State.SCORED, State.FAILED)
"""Those that are gone on with."""


@dataclass(frozen=True, slots=True)
class Task:
    """
    A marking to be scored on a CT.

    Attributes:
        key: SHA-256 of the ids of the marking and of all slices.
        study: Id of its study in the archive.
        marking: Id of the marking.
        series: Id of the CT.
        state: How far it has come.
        reason: Why it was refused, or failed last.
        failures: How often in a row it was begun and not ended.
        due_s: Not to be gone on with before, seconds since 1970.
        found_s: Since when it waits, seconds since 1970.
        model: Digest of the model that scored it; empty before.
    """

    key: str
    study: str
    marking: str
    series: str
    state: State
    reason: str = ""
    failures: int = 0
    due_s: float = 0.0
    found_s: float = 0.0
    model: str = ""
