"""The scored nodes as a binary Segmentation (PS3.3 A.51) on the CT's own slices."""

from collections.abc import Sequence

import numpy as np
import SimpleITK as sitk
from highdicom import AlgorithmIdentificationSequence
from highdicom.seg import SegmentAlgorithmTypeValues, Segmentation, SegmentationTypeValues, SegmentDescription
from numpy.typing import NDArray

from imaging.dicom.study import MANUFACTURER
from imaging.geometry import Geometry
from imaging.itk import resampled
from imaging.node import Node
from service.dicom.basis import Basis
from service.dicom.codes import ANATOMICAL_STRUCTURE, LYMPH_NODE, MORPHOLOGICAL_OPERATIONS
from service.dicom.finish import equipment, finished
from service.dicom.kinds import ResultKind
from service.dicom.nodes import ReportedNode, scored
from service.dicom.origin import code_version


def segmentation(basis: Basis) -> Segmentation | None:
    """
    One segment for each scored node, in their order; None where there is none.

    What the reader marked is carried over, voxel by voxel where the mask lies on the CT's grid. Nodes are told apart
    and numbered here, so that the segments are called semi-automatic.
    """
    nodes = [each for each, _ in scored(basis.nodes)]
    if not nodes:
        return None
    segments = segments_on(basis.study.volume.geometry, [each.node for each in nodes])
    marked = np.flatnonzero(segments.any(axis=(1, 2)))
    return finished(
        Segmentation(
            source_images=[basis.headers[k] for k in marked],
            pixel_array=segments[marked],
            segmentation_type=SegmentationTypeValues.BINARY,
            segment_descriptions=[_description(number, each) for number, each in enumerate(nodes, start=1)],
            sop_instance_uid=basis.uid("segmentation"),
            instance_number=1,
            content_label="NODES",
            content_description=f"Lymph nodes that were scored. {basis.legend}",
            contributing_equipment=[equipment(basis)],
            **basis.series(ResultKind.SEG),
        ),
        basis,
    )


def segments_on(geometry: Geometry, nodes: Sequence[Node]) -> NDArray[np.uint16]:
    """
    Nodes on the grid of a CT: the number of each node, from 1, at the voxels whose centres lie in its voxels.

    A node so thin that it holds no centre gets the voxel nearest to its centre of mass.
    """
    numbers: NDArray[np.uint16] = np.zeros(geometry.shape, dtype=np.uint16)
    for number, node in enumerate(nodes, start=1):
        region = geometry.region_of(node.box, margin=1)
        if region is not None:
            part = geometry.cropped(region)
            inside = resampled(node.voxels, node.geometry, part, sitk.sitkNearestNeighbor, outside=0.0) > 0
            numbers[region][inside] = number
        if region is None or not inside.any():
            [nearest] = geometry.indices_at([node.centroid_mm]).round().astype(int)
            numbers[tuple(nearest.clip(0, np.asarray(geometry.shape) - 1))] = number
    return numbers


def _description(number: int, each: ReportedNode) -> SegmentDescription:
    return SegmentDescription(
        segment_number=number,
        segment_label=each.tracking_id,
        segmented_property_category=ANATOMICAL_STRUCTURE,
        segmented_property_type=LYMPH_NODE,
        algorithm_type=SegmentAlgorithmTypeValues.SEMIAUTOMATIC,
        algorithm_identification=AlgorithmIdentificationSequence(
            name=f"{MANUFACTURER}: reader's marks, told apart",
            family=MORPHOLOGICAL_OPERATIONS,
            version=code_version(),
        ),
        tracking_id=each.tracking_id,
        tracking_uid=each.tracking_uid,
    )
