"""One marking, from the archive to the service and back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pydicom.dataset import Dataset

from service.dicom.objects import file_of
from service.pacs.archive import Archive, SeriesView
from service.pacs.faults import NotToBeScored
from service.pacs.journal import Journal
from service.pacs.looking import header_of
from service.pacs.rules import Marking, Rule, key_of
from service.pacs.task import State, Task
from service.served import ServedModel


class Scoring(Protocol):
    """Makes results; see `service.pacs.scorer.Scorer`."""

    def model(self, digest: str = "") -> ServedModel:
        """The model that answers."""

    def results(self, files: Sequence[bytes], names: Sequence[str], model: ServedModel) -> Sequence[Dataset]:
        """The results for a CT and a marking."""


@dataclass(frozen=True, slots=True)
class Handler:
    """
    Does what is to be done about a task.

    Attributes:
        archive: Has the study, and takes the results.
        scorer: Makes them.
        journal: Is told each step before the next.
        rule: What marks nodes.
        limit_bytes: Largest CT.
    """

    archive: Archive
    scorer: Scoring
    journal: Journal
    rule: Rule
    limit_bytes: int

    def handle(self, task: Task) -> bool:
        """
        Score a marking and store the results, the structured report last: a study that has it has all.

        Whoever is killed on the way begins again; the results are the same then, by their UIDs, and an archive that has
        some of them keeps them.

        Returns:
            Whether results were stored; else the study has changed, and is to be looked at again.

        Raises:
            PacsFault: one side is away, or something is wrong with the study.
        """
        ct = self._ct(task)
        if ct is None:
            self.journal.forget(task)
            return False
        marking = self.archive.file(task.marking)
        names = self._names(task, marking)
        model = self.scorer.model(task.model)
        results = self.scorer.results([*self._slices(ct), marking], names, model)
        ordered = sorted(results, key=lambda result: result.Modality == "SR")
        self.journal.add_results(result.SOPInstanceUID for result in ordered)
        task = replace(task, state=State.SCORED, model=model.ref.digest)
        self.journal.update(task)
        for result in ordered:
            self.archive.store(task.study, file_of(result))
        self.journal.update(replace(task, state=State.STORED, reason="", failures=0))
        return True

    def _ct(self, task: Task) -> SeriesView | None:
        """The CT, if it is still what was found."""
        study = self.archive.study(task.study)
        if study is None:
            raise NotToBeScored("the study is no longer in the archive")
        [*found] = (series for series in study.series if series.id == task.series)
        return found[0] if found and key_of(task.marking, found[0].instances) == task.key else None

    def _names(self, task: Task, content: bytes) -> Sequence[str]:
        """What of the marking are nodes; empty is all."""
        marking = Marking.of(task.marking, header_of(content))
        names = self.rule.names(marking) if marking else ()
        if not marking or not names:
            raise NotToBeScored("the marking no longer matches --match")
        return () if names == marking.names else names

    def _slices(self, ct: SeriesView) -> Sequence[bytes]:
        files, left_bytes = [], self.limit_bytes
        for instance in ct.instances:
            files.append(self.archive.file(instance))
            left_bytes -= len(files[-1])
            if left_bytes < 0:
                raise NotToBeScored(f"the CT has more than {self.limit_bytes >> 20} MiB; see --max-study-mib")
        return files
