"""Studies with a CT and marked nodes, as the files that an archive holds. SYNTHETIC."""

from typing import Any

import numpy as np
from highdicom.content import AlgorithmIdentificationSequence
from highdicom.seg import SegmentAlgorithmTypeValues, Segmentation, SegmentationTypeValues, SegmentDescription
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid

from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.volume import Volume
from service.dicom.objects import file_of
from tests.imaging.scenes import ellipsoids
from tests.service.scans import scan

TEXTS = {
    "PatientName": "Canary^Carla",
    "PatientID": "CANARY-4711",
    "PatientBirthDate": "19610203",
    "PatientSex": "F",
    "AccessionNumber": "CANARY-ACC",
    "InstitutionName": "Canary Hospital",
    "ReferringPhysicianName": "Canary^Doctor",
    "StudyDescription": "canary study",
    "StudyID": "CANARYSTUDY",
    "StudyDate": "20200304",
    "StudyTime": "101112",
}
"""What a study says in words about the patient."""


SMALL = Geometry((24, 48, 48), (1.5, 0.8, 0.8), (0.0, 0.0, 0.0))
"""Grid of a CT with few voxels."""


def uid(*parts: object) -> str:
    """A UID that follows from some words."""
    return str(generate_uid(entropy_srcs=[str(part) for part in parts]))


def ct_slices(number: int = 0, volume: Volume | None = None, **changes: Any) -> list[FileDataset]:
    """The slices of an axial CT; ``number`` tells the study, ``changes`` set attributes of all."""
    volume = volume or scan()[0]
    return [_slice(number, volume, k, changes) for k in range(volume.geometry.shape[0])]


def segmentation(slices: list[FileDataset], mask: NodeMask | None = None, label: str = "Lymph node") -> Dataset:
    """A SEG with one segment, for slices in the order of the mask's first axis."""
    mask = mask or scan()[1]
    algorithm = AlgorithmIdentificationSequence("by hand", codes.DCM.ManualProcessing, "1")
    segment = SegmentDescription(
        1, label, codes.SCT.Organ, codes.SCT.LymphNode, SegmentAlgorithmTypeValues.SEMIAUTOMATIC, algorithm
    )
    return Segmentation(
        slices,
        (mask.labels > 0).astype(np.uint8),
        SegmentationTypeValues.BINARY,
        [segment],
        series_instance_uid=uid(slices[0].SeriesInstanceUID, "SEG", label),
        series_number=2,
        sop_instance_uid=uid(slices[0].SeriesInstanceUID, "SEG", label, 1),
        instance_number=1,
        manufacturer="Canary Contours",
        manufacturer_model_name="pencil",
        software_versions="1",
        device_serial_number="1",
        content_creator_name="Canary^Reader",
        series_description=f"canary {label}",
    )


def structure_set(slices: list[FileDataset], name: str = "LN_1") -> Dataset:
    """An RTSTRUCT with an octagonal node of 8 mm around the middle of the CT, on five slices."""
    first = slices[0]
    made = _instance(RTStructureSetStorage, uid(first.SeriesInstanceUID, "RTSTRUCT", name, 1))
    for keyword in (*TEXTS, "StudyInstanceUID", "FrameOfReferenceUID"):
        setattr(made, keyword, first.get(keyword))
    made.Modality, made.SeriesInstanceUID = "RTSTRUCT", uid(first.SeriesInstanceUID, "RTSTRUCT", name)
    made.StructureSetLabel, made.SeriesDescription, made.Manufacturer = "canary set", "canary contours", "Canary"
    made.StructureSetROISequence = [
        _item(ROINumber=1, ROIName=name, ReferencedFrameOfReferenceUID=first.FrameOfReferenceUID)
    ]
    middle = len(slices) // 2
    contours = [_contour(slices[k]) for k in range(middle - 2, middle + 3)]
    made.ROIContourSequence = [_item(ReferencedROINumber=1, ContourSequence=contours)]
    images = [_reference(each) for each in slices]
    series = _item(SeriesInstanceUID=first.SeriesInstanceUID, ContourImageSequence=images)
    study = _item(
        ReferencedSOPClassUID="1.2.840.10008.3.1.2.3.1",
        ReferencedSOPInstanceUID=first.StudyInstanceUID,
        RTReferencedSeriesSequence=[series],
    )
    made.ReferencedFrameOfReferenceSequence = [
        _item(FrameOfReferenceUID=first.FrameOfReferenceUID, RTReferencedStudySequence=[study])
    ]
    return made


def study_files(number: int = 0, marking: str = "SEG") -> list[bytes]:
    """A whole study: the CT, and a SEG or RTSTRUCT of its nodes."""
    slices = ct_slices(number)
    marked = segmentation(slices) if marking == "SEG" else structure_set(slices)
    return [file_of(dataset) for dataset in (*slices, marked)]


def small_files(number: int) -> list[bytes]:
    """A study with few voxels and one bright node, in noise of its own."""
    mask = ellipsoids(SMALL, (SMALL.box.centre_mm, (4.0, 4.0, 4.0)))
    noise = np.random.default_rng(number).normal(5.0, 35.0, SMALL.shape)
    slices = ct_slices(number, Volume((noise + 105.0 * mask.labels).astype(np.float32), SMALL))
    return [file_of(dataset) for dataset in (*slices, segmentation(slices, mask))]


def _slice(number: int, volume: Volume, k: int, changes: dict[str, Any]) -> FileDataset:
    made = _instance(CTImageStorage, uid("slice", number, k))
    for keyword, value in TEXTS.items():
        setattr(made, keyword, value)
    made.PatientID = f"CANARY-{number}"
    made.StudyInstanceUID, made.SeriesInstanceUID = uid("study", number), uid("series", number)
    made.FrameOfReferenceUID, made.PositionReferenceIndicator = uid("frame", number), ""
    made.Modality, made.Manufacturer, made.SeriesDescription = "CT", "Canary Scanners", "canary abdomen"
    made.SeriesNumber, made.InstanceNumber = 1, k + 1
    _, rows, columns = volume.geometry.direction
    made.ImageOrientationPatient = [*columns, *rows]
    made.ImagePositionPatient = volume.geometry.points_at([(k, 0, 0)])[0].round(6).tolist()
    made.PixelSpacing, made.SliceThickness = list(volume.geometry.spacing_mm[1:]), volume.geometry.spacing_mm[0]
    made.RescaleSlope, made.RescaleIntercept = 1, -1024
    plane = volume.hu[k]
    made.Rows, made.Columns = plane.shape
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 1
    made.PixelData = (plane.round().astype(np.int16) + 1024).astype("<i2").tobytes()
    for keyword, value in changes.items():
        setattr(made, keyword, value)
    return made


def _instance(sop_class: str, sop_instance: str) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, sop_instance
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = sop_class, sop_instance
    return made


def _contour(plane: FileDataset) -> Dataset:
    x, y, z = map(float, plane.ImagePositionPatient)
    row_mm, column_mm = map(float, plane.PixelSpacing)
    angles = np.arange(8) * np.pi / 4
    xs = x + column_mm * plane.Columns / 2 + 4.0 * np.cos(angles)
    ys = y + row_mm * plane.Rows / 2 + 4.0 * np.sin(angles)
    points = np.stack([xs, ys, np.full(8, z)], axis=1).round(4)
    return _item(
        ContourImageSequence=[_reference(plane)],
        ContourGeometricType="CLOSED_PLANAR",
        NumberOfContourPoints=8,
        ContourData=points.ravel().tolist(),
    )


def _reference(plane: FileDataset) -> Dataset:
    return _item(ReferencedSOPClassUID=plane.SOPClassUID, ReferencedSOPInstanceUID=plane.SOPInstanceUID)


def _item(**values: Any) -> Dataset:
    made = Dataset()
    for keyword, value in values.items():
        setattr(made, keyword, value)
    return made
