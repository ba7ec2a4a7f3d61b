"""One version of one model: its file as it was last seen, and the model that answers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from imaging.manifest import Manifest
from service.faults import UnusableModel
from service.findings import ModelRef
from service.model import Model
from service.models.files import ModelFile, Stamp

Loader = Callable[[Path], Model]

UNREADABLE = "the file cannot be read"
UNSETTLED = "the file changes while it is read; write it elsewhere, and rename it into its place"
UNRELEASED = "the model did not pass its release gates; --allow-research serves it all the same, for research only"


@dataclass(slots=True, eq=False)
class Lease:
    """
    A model that is lent to calls.

    Attributes:
        model: The model.
        borrowers: Calls that have it now.
        ended: Whether it is lent no more, and released by its last borrower.
    """

    model: Model
    borrowers: int = 0
    ended: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """
    One version of one model.

    Attributes:
        file: Where it comes from.
        stamp: Of the file when it was last read; None where it must be read again.
        digest: SHA-256 of what was read; empty where nothing could be.
        lease: The model that answers; None where there is none.
        refused: The manifest of a file whose gates did not pass; None for all others.
        problem: Why the file is not served; where there is a model all the same, it is that of the file before.
    """

    file: ModelFile
    stamp: Stamp | None = None
    digest: str = ""
    lease: Lease | None = None
    refused: Manifest | None = None
    problem: str = ""

    @property
    def ref(self) -> ModelRef:
        """The model that answers, or else the file that does not."""
        return self.lease.model.ref if self.lease else ModelRef(self.file.name, self.file.version, self.digest)

    @property
    def manifest(self) -> Manifest | None:
        """Of the model that answers, or else of the file that was refused; None where neither is."""
        return self.lease.model.manifest if self.lease else self.refused

    @property
    def rank(self) -> tuple[bool, int]:
        """The highest answers where no version is asked for: what passed its gates comes before what is newer."""
        return bool(self.manifest and self.manifest.released), self.file.version


def looked_at(slot: Slot, load: Loader, allow_research: bool) -> Slot:
    """
    The slot after another look at its file; the same object where the file has not changed.

    A model once loaded stays until another can take its place: a bad file only leaves its problem. What could not be
    loaded is tried again when its content changes.

    Args:
        slot: As it was before.
        load: Loads a file and replays its golden cases.
        allow_research: Whether gates that did not pass are no problem.

    Raises:
        CannotStart: the device that was asked for cannot be had.
    """
    try:
        stamp = Stamp.of(slot.file.path)
        if stamp == slot.stamp:
            return slot
        digest = slot.file.digest()
        if digest == slot.digest:
            return replace(slot, stamp=stamp)
        if slot.lease and digest == slot.lease.model.ref.digest:
            return Slot(slot.file, stamp, digest, slot.lease)
        tried = _tried(replace(slot, stamp=stamp, digest=digest, refused=None), load, allow_research)
        settled = Stamp.of(slot.file.path) == stamp
    except OSError:
        return replace(slot, stamp=None, digest="", problem=UNREADABLE)
    return tried if settled else replace(slot, stamp=None, digest="", problem=UNSETTLED)


def _tried(slot: Slot, load: Loader, allow_research: bool) -> Slot:
    try:
        model = load(slot.file.path)
        if (model.ref.name, model.ref.version) != (slot.file.name, slot.file.version):
            raise UnusableModel(f"its manifest says {model.ref.name} {model.ref.version}, its folder something else")
    except (UnusableModel, MemoryError) as fault:
        return replace(slot, problem=str(fault) or "there is not enough memory for it")
    if model.manifest.released or allow_research:
        return replace(slot, lease=Lease(model), problem="")
    return replace(slot, refused=model.manifest, problem=UNRELEASED)
