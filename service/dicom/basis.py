"""What all results about one study are made of."""

import json
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset

from imaging.dicom.study import DicomStudy
from imaging.manifest import Manifest
from service.dicom.headers import Moment, headers_of, moment_of, require_uids
from service.dicom.kinds import ResultKind
from service.dicom.nodes import ReportedNode, reported_nodes
from service.dicom.origin import code_version, equipment_of
from service.dicom.uids import uid_of
from service.findings import Classification
from service.options import ClassifyOptions

SERIES: dict[ResultKind, tuple[int, str]] = {
    ResultKind.SR: (9701, "node measurements"),
    ResultKind.PARAMETRIC_MAP: (9702, "Grad-CAM"),
    ResultKind.SEG: (9703, "nodes"),
    ResultKind.SC: (9704, "key images"),
}
"""Number and name of each kind's series; high, so that they stand behind the CT."""

LEGEND = "RESEARCH USE ONLY"
SYNTHETIC = "SYNTHETIC"


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """
    A study and what was found in it.

    Attributes:
        study: The CT and its marks.
        found: What was found.
        manifest: Of the model that scored.
        operating_point: Probability from which a node was called metastatic.
        nodes: All nodes, by label.
        headers: Of the CT's slices, in their order.
        moment: When the CT was made. Results bear it: made again, they must be the same.
        seed: Names study, model, release and choices; all UIDs follow from it.
    """

    study: DicomStudy
    found: Classification
    manifest: Manifest
    operating_point: float
    nodes: tuple[ReportedNode, ...]
    headers: tuple[Dataset, ...]
    moment: Moment
    seed: str

    @classmethod
    def of(cls, study: DicomStudy, found: Classification, manifest: Manifest, options: ClassifyOptions) -> "Basis":
        """
        Gather what results need.

        Raises:
            InvalidMask: the findings are of other nodes than those that are marked.
            UnnamedStudy: the study lacks UIDs.
        """
        require_uids(study)
        chosen = options.operating_point
        point = manifest.operating_point.probability if chosen is None else chosen
        return cls(
            study,
            found,
            manifest,
            point,
            reported_nodes(study, found, manifest.preprocessing, options),
            headers_of(study),
            moment_of(study.slices[0], otherwise=manifest.created),
            _seed(study, found, options, point),
        )

    @property
    def synthetic(self) -> bool:
        """Whether the model learnt from phantoms."""
        return self.manifest.training_data.synthetic

    @property
    def legend(self) -> str:
        """What must stand wherever results are shown."""
        return f"{LEGEND} - {SYNTHETIC}" if self.synthetic else LEGEND

    def uid(self, *role: str) -> str:
        """The UID of one thing among the results."""
        return uid_of(self.seed, *role)

    def series(self, kind: ResultKind) -> dict[str, Any]:
        """Series and equipment of one kind of result, by parameter of highdicom."""
        number, name = SERIES[kind]
        return {
            **equipment_of(self.found.model),
            "series_instance_uid": self.uid("series", kind),
            "series_number": number,
            "series_description": f"NodeLens {name} - {self.legend}",
            "specific_character_set": "ISO_IR 192",
        }


def _seed(study: DicomStudy, found: Classification, options: ClassifyOptions, point: float) -> str:
    return json.dumps(
        [
            code_version(),
            [str(one.SOPInstanceUID) for one in study.slices],
            str(study.marking.SOPInstanceUID),
            [[mark.label, mark.name] for mark in study.marks],
            [found.model.name, found.model.version, found.model.digest],
            [options.separation, options.edge_policy, point],
        ]
    )
