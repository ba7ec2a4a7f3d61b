"""Studies as a PACS has them, and what the service says about their nodes."""

from functools import partial
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, RTStructureSetStorage

from imaging.crop import NodeStatus, PreparedNode
from imaging.decision import call_at
from imaging.dicom.study import DicomStudy, Mark
from imaging.heatmap import HeatShare
from imaging.manifest import Manifest
from imaging.preprocessing import prepare
from imaging.separation import NodeSeparation, find_nodes
from imaging.spec import PreprocessingSpec
from imaging.volume import Volume
from service.dicom.uids import uid_of
from service.findings import Classification, Heat, ModelRef, NodeFinding, Score, Timings
from service.options import ClassifyOptions
from tests.imaging.manifests import manifest
from tests.imaging.scenes import Order, mask_in_order, volume_in_order
from tests.service.scans import scan

SPEC = PreprocessingSpec(side_mm=24.0, input_shape_px=(32, 32))
LABELS = ClassifyOptions(separation=NodeSeparation.LABELS)
PROBABILITIES = {1: 0.8123, 2: 0.1}

AXIAL: Order = ((0, 1, 2), (False, False, False))
SAGITTAL: Order = ((2, 0, 1), (False, True, False))
CORONAL: Order = ((1, 0, 2), (False, True, False))
PRONE: Order = ((0, 1, 2), (False, True, True))
FEET_FIRST: Order = ((0, 1, 2), (True, False, True))
ORDERS = {"axial": AXIAL, "sagittal": SAGITTAL, "coronal": CORONAL, "prone": PRONE, "feet first": FEET_FIRST}

PATIENT = {
    "PatientName": "Canary^Carla",
    "PatientID": "CANARY-4711",
    "PatientBirthDate": "19500102",
    "PatientSex": "F",
    "StudyDate": "20240506",
    "StudyTime": "070809",
    "StudyID": "S1",
    "AccessionNumber": "A1",
    "ReferringPhysicianName": "Doctor^Dora",
}


def model(**changes: Any) -> Manifest:
    """The model of these studies; it learnt from phantoms."""
    return manifest(name="cnn-gap", network="cnn-gap", preprocessing=SPEC, **changes)


def study(order: Order = AXIAL, marks: tuple[Mark, ...] | None = None, **changes: Any) -> DicomStudy:
    """
    The scan of `tests.service.scans`, three nodes of which the last is at the edge, stored in an order of axes.

    ``changes`` set attributes of every slice; None deletes one.
    """
    volume, mask = scan()
    volume = volume_in_order(Volume(volume.hu.round().astype(np.int16), volume.geometry), order)
    mask = mask_in_order(mask, order)
    slices = tuple(map(partial(_slice, volume, changes), range(len(volume.hu))))
    named = marks or (Mark(1, "station 7"), Mark(2, "hilar", "1.2.3.4"), Mark(3, "edge"))
    return DicomStudy(volume, mask, named, slices, _marking())


def answer(
    told: DicomStudy, manifest: Manifest, options: ClassifyOptions = LABELS, cold: tuple[int, ...] = ()
) -> Classification:
    """What the service would say, with hot cells that are no two alike; the ``cold`` nodes have no heat."""
    nodes = find_nodes(told.mask, options.separation)
    prepared = prepare(told.volume, nodes, manifest.preprocessing, options.edge_policy)
    found = tuple(_finding(each, manifest, each.node.label in cold) for each in prepared)
    ref = ModelRef(manifest.name, manifest.version, "ab" * 32)
    return Classification("request-1", ref, found, (), Timings(0.1, 0.2, 0.0, 0.3, 0.6))


def _finding(each: PreparedNode, manifest: Manifest, cold: bool) -> NodeFinding:
    node = each.node
    finding = partial(NodeFinding, node.label, each.status, node.centroid_mm, node.box, each.measurements)
    if each.status is not NodeStatus.SCORED or each.crop is None:
        return finding()
    cells = np.random.default_rng(node.label).random((len(each.crop.pixels), 8, 8)).astype(np.float32)
    heat = Heat(cells * (not cold), manifest.heatmap.geometry(each.crop.geometry, (8, 8)))
    probability = PROBABILITIES.get(node.label, 0.5)
    call = call_at(manifest.operating_point.probability, probability)
    return finding(score=Score(probability, 1.0, call, HeatShare(0.25, 2.5)), heatmap=heat)


def _slice(volume: Volume, changes: dict[str, Any], k: int) -> Dataset:
    dataset = Dataset()
    for name, value in PATIENT.items():
        setattr(dataset, name, value)
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, uid_of("test", "slice", str(k))
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uid_of("test", "study"), uid_of("test", "ct")
    dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = uid_of("test", "frame"), ""
    dataset.Modality, dataset.Manufacturer = "CT", "ACME"
    dataset.AcquisitionDate, dataset.AcquisitionTime = "20240506", "071500.25"
    dataset.InstanceNumber = 100 - k
    _, rows, columns = volume.geometry.direction
    dataset.ImageOrientationPatient = [*columns, *rows]
    dataset.ImagePositionPatient = volume.geometry.points_at([(k, 0, 0)])[0].round(6).tolist()
    dataset.PixelSpacing = list(volume.geometry.spacing_mm[1:])
    dataset.SliceThickness = volume.geometry.spacing_mm[0]
    dataset.Rows, dataset.Columns = volume.hu.shape[1:]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    for name, value in changes.items():
        if value is None:
            delattr(dataset, name)
        else:
            setattr(dataset, name, value)
    return dataset


def _marking() -> Dataset:
    marking = Dataset()
    marking.SOPClassUID, marking.SOPInstanceUID = RTStructureSetStorage, uid_of("test", "marking")
    marking.StudyInstanceUID, marking.SeriesInstanceUID = uid_of("test", "study"), uid_of("test", "structures")
    marking.Modality = "RTSTRUCT"
    return marking
