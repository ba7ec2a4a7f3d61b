"""An archive and a scorer in memory, that fail when they are told to."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from pydicom.dataset import Dataset

from service.dicom.objects import file_of
from service.dicom.origin import MANUFACTURER, PRODUCT
from service.findings import ModelRef
from service.pacs.archive import News, SeriesView, StudyView
from service.pacs.faults import PacsFault
from service.served import ServedModel
from tests.service.pacs.phantoms import ct_slices, segmentation, structure_set

MODEL = ServedModel(ModelRef("cnn", 1, "digest"), True, True, "{}", "")


class FakeArchive:
    """
    Holds studies; ``fault``, if any, is raised by the methods that ``failing`` names.

    Attributes:
        studies: By id.
        files: All instances, by id.
        stored: What was stored, by study, in order.
    """

    def __init__(self) -> None:
        self.studies: dict[str, StudyView] = {}
        self.stamps: dict[str, str] = {}
        self.files: dict[str, Dataset] = {}
        self.stored: list[tuple[str, bytes]] = []
        self.fault: PacsFault | None = None
        self.failing: tuple[str, ...] = ()
        self.tidied = 0

    def add(self, study: str, slices: Sequence[Dataset], markings: Sequence[Dataset], quiet: bool = True) -> None:
        """Put a study there."""
        series = [self._series(f"{study}-ct", "CT", slices)]
        series += [self._series(f"{study}-m{n}", each.Modality, [each]) for n, each in enumerate(markings)]
        self.studies[study] = StudyView(study, quiet, tuple(series))
        self.touch(study)

    def touch(self, study: str) -> None:
        """Have something happen to a study."""
        self.stamps[study] = str(int(self.stamps.get(study, "0")) + 1)

    def calm(self, study: str) -> None:
        """Let a study become quiet."""
        self.studies[study] = replace(self.studies[study], quiet=True)

    def start(self) -> int:
        """As an archive."""
        return 0

    def news(self, position: int) -> News:
        """As an archive."""
        self._fail("news")
        return News(dict(self.stamps), position + 1)

    def study(self, study: str) -> StudyView | None:
        """As an archive."""
        self._fail("study")
        return self.studies.get(study)

    def file(self, instance: str) -> bytes:
        """As an archive."""
        self._fail("file")
        return file_of(self.files[instance])

    def store(self, study: str, content: bytes) -> None:
        """As an archive."""
        self._fail("store")
        self.stored.append((study, content))

    def tidy(self, is_open: Callable[[str], bool]) -> None:
        """As an archive."""
        self.tidied += 1

    def _series(self, series: str, modality: str, datasets: Sequence[Dataset]) -> SeriesView:
        ids = [f"{series}-{n}" for n in range(len(datasets))]
        self.files |= dict(zip(ids, datasets, strict=True))
        return SeriesView(series, datasets[0].SeriesInstanceUID, modality, tuple(ids))

    def _fail(self, method: str) -> None:
        if self.fault and method in self.failing:
            raise self.fault


class FakeScorer:
    """
    Makes results out of nothing; raises ``fault``, if any.

    Attributes:
        asked: What it was asked about: how many files, and which names.
        results_made: What it answers.
    """

    def __init__(self, results: Sequence[Dataset]) -> None:
        self.results_made = results
        self.fault: Exception | None = None
        self.asked: list[tuple[int, tuple[str, ...]]] = []
        self.preferred: list[str] = []

    def model(self, digest: str = "") -> ServedModel:
        """As a scorer."""
        self.preferred.append(digest)
        return MODEL

    def results(self, files: Sequence[bytes], names: Sequence[str], model: ServedModel) -> Sequence[Dataset]:
        """As a scorer."""
        self.asked.append((len(files), tuple(names)))
        if self.fault:
            raise self.fault
        return self.results_made


class FakeClock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.now_s


def small_study(number: int = 0, **changes: Any) -> tuple[list[Dataset], Dataset]:
    """Two slices and a segmentation; nobody looks at their pixels."""
    slices = ct_slices(number, **changes)
    return list(slices[:2]), segmentation(slices)


def results(number: int = 0) -> list[Dataset]:
    """A report and a segmentation of this product, the report first."""
    segments = segmentation(ct_slices(number), label="Scored node")
    segments.Manufacturer, segments.ManufacturerModelName = MANUFACTURER, PRODUCT
    report = structure_set(ct_slices(number))
    report.Modality, report.Manufacturer, report.ManufacturerModelName = "SR", MANUFACTURER, PRODUCT
    return [report, segments]
