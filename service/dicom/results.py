"""
From findings to DICOM objects.

Results join the study of the CT: patient, study and frame of reference are the CT's, each kind has a series of its own.
The same study, model, release and choices give the same objects byte for byte, so that who stores them twice has them
once. UIDs are derived from these, and dates are those of the CT.
"""

from collections.abc import Collection

from pydicom.dataset import Dataset

from imaging.dicom.study import DicomStudy
from imaging.manifest import Manifest
from service.dicom.basis import Basis
from service.dicom.kinds import ALL, ResultKind
from service.dicom.parametric_map import parametric_map
from service.dicom.pictures import pictures
from service.dicom.report import report
from service.dicom.segmentation import segmentation
from service.findings import Classification
from service.options import ClassifyOptions

DEFAULTS = ClassifyOptions()


def result_objects(
    study: DicomStudy,
    found: Classification,
    manifest: Manifest,
    options: ClassifyOptions = DEFAULTS,
    kinds: Collection[ResultKind] = ALL,
) -> tuple[Dataset, ...]:
    """
    Findings as DICOM objects, ready to be written or stored: each has its file meta information.

    Args:
        study: The CT and what marks the nodes, with all of the CT's slices.
        found: What was found in it. The heat maps of its nodes are needed for the parametric map and are drawn in the
            pictures; its heat map on the CT's grid is not needed.
        manifest: Of the model that scored.
        options: What was chosen when it was scored.
        kinds: Which objects are wanted.

    Returns:
        A structured report, a parametric map, a segmentation, and a picture of each scored node. What would be empty
        is left out: where nothing was marked there is no result, where no node was scored there is the report only,
        and a map without heat is none.

    Raises:
        InvalidMask: the findings are of other nodes, or were made with other options.
        UnnamedStudy: the study lacks UIDs, so that results would belong to no study.
    """
    basis = Basis.of(study, found, manifest, options)
    nodes = segmentation(basis) if ResultKind.SEG in kinds else None
    heat = parametric_map(basis) if ResultKind.PARAMETRIC_MAP in kinds else None
    told = report(basis, nodes) if ResultKind.SR in kinds else None
    shown = pictures(basis) if ResultKind.SC in kinds else ()
    return tuple(each for each in (told, heat, nodes, *shown) if each is not None)
