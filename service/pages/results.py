"""The results of a batch, as pages read them; the files are told in `service.batch.output`."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from imaging.files import read_volume
from imaging.manifest import Manifest
from imaging.node import Node
from imaging.separation import NodeSeparation, find_nodes
from service.batch.case import Case, Images
from service.batch.output import FINDINGS, MODEL, ROC, SUMMARY
from service.faults import ServiceFault
from service.findings import Heat
from service.pages.study import Study, study_of_files

SAME_PLACE_MM = 0.1
"""A node that lies no further from where it was scored is the same node."""


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

    def read(self) -> tuple[Images, tuple[Node, ...]]:
        """
        CT and mask, read again, and the nodes.

        Raises:
            ImagingError: a file is no longer there, or is not what it should be.
            ServiceFault: likewise, or its nodes are not those that were scored.
        """
        images = self.case.read()
        nodes = find_nodes(images.mask, NodeSeparation(self.findings["separation"]))
        self._require_same(nodes)
        return images, nodes

    def study(self) -> Study:
        """
        The case with its images, read again.

        Raises:
            ImagingError: a file is no longer there, or is not what it should be.
            ServiceFault: likewise.
        """
        images, nodes = self.read()
        heat = None
        if self.heatmap and self.heatmap.is_file():
            stored = read_volume(self.heatmap)
            heat = Heat(stored.hu.astype("float32"), stored.geometry)
        return study_of_files(self.case.name, images.volume, nodes, self.findings, heat)

    def _require_same(self, nodes: Iterable[Node]) -> None:
        places = {node.label: node.centroid_mm for node in nodes}
        for node in self.findings["nodes"]:
            here = places.get(node["label"])
            if here is None or np.abs(np.subtract(here, node["centroid_lps_mm"])).max() > SAME_PLACE_MM:
                raise InvalidResults(
                    f"the mask of {self.case.name} was changed: its node {node['label']} is not where it was scored"
                )


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
        case=Case(
            line["case"],
            Path(line["image"]),
            Path(mask) if mask else None,
            line["patient"] or "",
            structures=tuple(line.get("structures", ())),
            marking=line.get("marking", ""),
        ),
        labels={int(label): value for label, value in line["labels"].items()},
        findings=line["findings"],
        heatmap=folder / heatmap if heatmap else None,
    )


def _optional(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _manifest(text: str) -> Manifest | None:
    return Manifest.from_json(text) if text else None
