"""DICOM series for tests, written with pydicom."""

from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from imaging.volume import Volume


def write_series(folder: Path, volume: Volume, **changes: Any) -> list[Path]:
    """
    Write an axial CT, one file a slice, in an order that says nothing about place.

    ``changes`` set attributes of every slice; None deletes one. The rescale intercept is -1024.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for k, dataset in enumerate(slices_of(volume, **changes)):
        path = folder / f"{(k * 7919) % 1000:04d}.dcm"
        dataset.save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths


def slices_of(volume: Volume, **changes: Any) -> list[FileDataset]:
    """The slices of a CT as datasets; ``changes`` as in `write_series`."""
    series, frame = generate_uid(), generate_uid()
    slices = [_slice(volume, k, plane, series, frame) for k, plane in enumerate(volume.hu)]
    for dataset in slices:
        for name, value in changes.items():
            if value is None:
                delattr(dataset, name)
            else:
                setattr(dataset, name, value)
    return slices


def _slice(volume: Volume, k: int, plane: np.ndarray, series: str, frame: str) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = CTImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    dataset.Modality, dataset.SeriesInstanceUID = "CT", series
    dataset.StudyInstanceUID, dataset.FrameOfReferenceUID = generate_uid(entropy_srcs=[series]), frame
    dataset.PatientName, dataset.PatientID = "Canary^Carla", "CANARY-4711"
    dataset.PatientBirthDate, dataset.PatientSex, dataset.AccessionNumber, dataset.StudyID = "19700101", "F", "", "1"
    dataset.StudyDate, dataset.StudyTime = "20240229", "081500"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.InstanceNumber = 100 - k
    _, rows, columns = volume.geometry.direction
    dataset.ImageOrientationPatient = [*columns, *rows]
    dataset.ImagePositionPatient = volume.geometry.points_at([(k, 0, 0)])[0].round(6).tolist()
    dataset.PixelSpacing = list(volume.geometry.spacing_mm[1:])
    dataset.SliceThickness = volume.geometry.spacing_mm[0]
    dataset.RescaleSlope, dataset.RescaleIntercept = 1, -1024
    dataset.Rows, dataset.Columns = plane.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 1
    dataset.PixelData = (plane.astype(np.int16) + 1024).astype("<i2").tobytes()
    return dataset
