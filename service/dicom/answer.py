"""What is said about a study, in the service's own words and as DICOM objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.dicom.kinds import ResultKind
from service.findings import Classification


@dataclass(frozen=True, slots=True, eq=False)
class DicomObject:
    """
    A result in DICOM: what kind it is, and the bytes of its file.

    It names the patient as the instances do that it is about.
    """

    kind: ResultKind
    data: bytes


@dataclass(frozen=True, slots=True, eq=False)
class DicomAnswer:
    """
    What is said about a study.

    Attributes:
        found: The findings.
        objects: The results that were asked for.
        names: What nodes are called by whoever marked them, by label.
    """

    found: Classification
    objects: tuple[DicomObject, ...] = ()
    names: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
