"""The results of a batch, as pages read them; the files are told in `service.batch.output`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imaging.files import read_volume
from imaging.manifest import Manifest
from service.batch.case import Case, Images
from service.batch.output import FINDINGS, MODEL, ROC, SUMMARY
from service.faults import ServiceFault
from service.findings import Heat
from service.pages.study import Study, study_of_files


class InvalidResults(ServiceFault):
    """A folder holds no results of a batch."""


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """
    One case that was scored.

    Attributes:
        case: The case, to read its files again.
        labels: 1 metastatic, 0 benign, None unknown, by the node's number.
        findings: As ``findings.json`` has them.
        heatmap: File of its heat maps; None where there are none.
    """

    case: Case
    labels: Mapping[int, int | None]
    findings: Mapping[str, Any]
    heatmap: Path | None

    def images(self) -> Images:
        """
        CT and mask, read again.

        Raises:
            ImagingError: a file is no longer there, or is not what it should be.
            ServiceFault: likewise.
        """
        return self.case.read()

    def study(self) -> Study:
        """
        The case with its images, read again.

        Raises:
            ImagingError: a file is no longer there, or is not what it should be.
            ServiceFault: likewise.
        """
        images = self.images()
        heat = None
        if self.heatmap and self.heatmap.is_file():
            stored = read_volume(self.heatmap)
            heat = Heat(stored.hu.astype("float32"), stored.geometry)
        return study_of_files(self.case.name, images.volume, images.mask, self.findings, heat)


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """
    What a batch left.

    Attributes:
        folder: Where.
        scored: The cases that were scored, in their order.
        summary: The content of ``summary.json``.
        roc: The content of ``roc.json``; None where no label is known.
        manifest: Of the model that scored; None where it is not known.
    """

    folder: Path
    scored: tuple[Result, ...]
    summary: Mapping[str, Any]
    roc: Mapping[str, Any] | None
    manifest: Manifest | None


def read_results(folder: Path) -> Results:
    """
    Read what `nodelens-score batch` left; CTs and masks are read only when they are asked for.

    Raises:
        InvalidResults: the folder has no findings, or damaged ones.
        InvalidManifest: what is said about the model is damaged.
    """
    try:
        lines = (folder / FINDINGS).read_text(encoding="utf-8").splitlines()
        scored = tuple(_result(folder, json.loads(line)) for line in lines)
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        roc, model = (_optional(folder / name) for name in (ROC, MODEL))
        return Results(folder, scored, summary, json.loads(roc) if roc else None, _manifest(model))
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidResults(
            f"{folder} holds no results of nodelens-score batch: {FINDINGS} or {SUMMARY} is missing or damaged"
        ) from error


def _result(folder: Path, line: Mapping[str, Any]) -> Result:
    mask, heatmap = line["mask"], line["findings"]["heatmap"]
    return Result(
        case=Case(line["case"], Path(line["image"]), Path(mask) if mask else None, line["patient"] or ""),
        labels={int(label): value for label, value in line["labels"].items()},
        findings=line["findings"],
        heatmap=folder / heatmap if heatmap else None,
    )


def _optional(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _manifest(text: str) -> Manifest | None:
    return Manifest.from_json(text) if text else None
