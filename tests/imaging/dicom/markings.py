"""Segmentations and structure sets for tests: the former written with highdicom, the latter with pydicom."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import pydicom
from highdicom.seg import Segmentation, SegmentDescription
from numpy.typing import ArrayLike, NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid

from imaging.geometry import Geometry, Triple


def stored(*datasets: Dataset) -> list[bytes]:
    """The datasets as bytes of DICOM files; UIDs may be empty."""
    files = []
    for dataset in datasets:
        stream = BytesIO()
        dataset.save_as(stream)
        files.append(stream.getvalue())
    return files


def changed(dataset: Dataset, **changes: Any) -> FileDataset:
    """A copy of a dataset with other attributes."""
    copy = pydicom.dcmread(BytesIO(*stored(dataset)))
    for keyword, value in changes.items():
        setattr(copy, keyword, value)
    return copy


def segmentation(
    slices: Sequence[Dataset], layers: NDArray[Any], names: Sequence[str], kind: str = "BINARY", **changes: Any
) -> Segmentation:
    """
    A SEG on the grid of CT slices.

    Args:
        slices: The CT.
        layers: (segments, slices, rows, columns): bool, or float from 0 to 1 where ``kind`` is FRACTIONAL.
        names: A Segment Label for each segment.
        kind: Segmentation Type.
        **changes: Further arguments of highdicom.
    """
    pixels = np.moveaxis(layers, 0, -1)
    if kind == "LABELMAP":
        pixels = (pixels * np.arange(1, len(layers) + 1)).max(axis=-1)
    arguments = {
        "source_images": slices,
        "pixel_array": pixels.astype(np.float32 if kind == "FRACTIONAL" else np.uint8),
        "segmentation_type": kind,
        "segment_descriptions": [
            SegmentDescription(
                number,
                name,
                codes.SCT.AnatomicalStructure,
                codes.SCT.LymphNode,
                "MANUAL",
                tracking_id=name,
                tracking_uid=generate_uid(entropy_srcs=[name]),
            )
            for number, name in enumerate(names, start=1)
        ],
        "series_instance_uid": generate_uid(),
        "series_number": 300,
        "sop_instance_uid": generate_uid(),
        "instance_number": 1,
        "manufacturer": "Somebody",
        "manufacturer_model_name": "SYNTHETIC",
        "software_versions": "1",
        "device_serial_number": "1",
        "series_description": "nodes",
    }
    return Segmentation(**arguments | changes)


def structure_set(slices: Sequence[Dataset], rois: Mapping[str, Sequence[ArrayLike]], **changes: Any) -> FileDataset:
    """
    An RTSTRUCT whose ROIs have closed contours, each as (n, 3) points in LPS; ``changes`` set its attributes.

    Each contour names the CT slice that is nearest.
    """
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = RTStructureSetStorage, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    structures = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    structures.SOPClassUID, structures.SOPInstanceUID = RTStructureSetStorage, meta.MediaStorageSOPInstanceUID
    structures.Modality, structures.StructureSetLabel = "RTSTRUCT", "nodes"
    first = slices[0]
    for keyword in ("StudyInstanceUID", "FrameOfReferenceUID", "PatientName", "PatientID"):
        setattr(structures, keyword, first.get(keyword))
    structures.SeriesInstanceUID = generate_uid()
    study = _item(RTReferencedSeriesSequence=[listed_series(slices)])
    frame = _item(FrameOfReferenceUID=first.FrameOfReferenceUID, RTReferencedStudySequence=[study])
    structures.ReferencedFrameOfReferenceSequence = Items([frame])
    structures.StructureSetROISequence = Items(
        [
            _item(ROINumber=10 + n, ROIName=name, ReferencedFrameOfReferenceUID=first.FrameOfReferenceUID)
            for n, name in enumerate(rois)
        ]
    )
    structures.ROIContourSequence = Items(
        [
            _item(ReferencedROINumber=10 + n, ContourSequence=[_contour(points, slices) for points in contours])
            for n, contours in enumerate(rois.values())
        ]
    )
    for keyword, value in changes.items():
        setattr(structures, keyword, value)
    return structures


def listed_series(slices: Sequence[Dataset]) -> Dataset:
    """The item by which a structure set lists a CT series."""
    return _item(SeriesInstanceUID=slices[0].SeriesInstanceUID, ContourImageSequence=list(map(_reference, slices)))


def ring(ct: Geometry, k: float, centre: tuple[float, float], radius: float, corners: int = 128) -> NDArray[np.float64]:
    """LPS points, (n, 3), around (row, column) ``centre`` of slice ``k``; the radius is in voxels."""
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    rows, columns = centre[0] + radius * np.sin(angles), centre[1] + radius * np.cos(angles)
    return ct.points_at(np.column_stack([np.full(corners, k), rows, columns]))


def ball(ct: Geometry, centre_mm: Triple, radius_mm: float) -> list[NDArray[np.float64]]:
    """Contours of a ball on the slices of a CT with square pixels."""
    [(k0, row, column)] = ct.indices_at([centre_mm])
    contours = []
    for k in range(ct.shape[0]):
        radius = radius_mm**2 - ((k - k0) * ct.spacing_mm[0]) ** 2
        if radius > 0:
            contours.append(ring(ct, k, (row, column), np.sqrt(radius) / ct.spacing_mm[1]))
    return contours


def _contour(points: ArrayLike, slices: Sequence[Dataset]) -> Dataset:
    points = np.asarray(points, dtype=np.float64)
    orientation = np.asarray(slices[0].ImageOrientationPatient, dtype=np.float64)
    normal = np.cross(orientation[:3], orientation[3:])
    places = [normal @ np.asarray(s.ImagePositionPatient, dtype=np.float64) for s in slices]
    nearest = slices[int(np.abs(np.asarray(places) - points.mean(axis=0) @ normal).argmin())]
    return _item(
        ContourGeometricType="CLOSED_PLANAR",
        NumberOfContourPoints=len(points),
        ContourData=points.round(5).ravel().tolist(),
        ContourImageSequence=[_reference(nearest)],
    )


def _reference(dataset: Dataset) -> Dataset:
    return _item(ReferencedSOPClassUID=dataset.SOPClassUID, ReferencedSOPInstanceUID=dataset.SOPInstanceUID)


def _item(**attributes: Any) -> Dataset:
    item = Dataset()
    for keyword, value in attributes.items():
        setattr(item, keyword, value)
    return item
