"""A study as DICOM instances, and the requests that bring it."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import google_crc32c
import numpy as np
from pydicom.dataset import FileDataset

from imaging.mask import NodeMask
from imaging.volume import Volume
from nodelens.v1 import node_classifier_service_pb2 as messages
from tests.imaging.dicom.markings import segmentation, stored, structure_set
from tests.imaging.series import slices_of
from tests.service.scans import GRID, LARGE_MM, scan

NAMES = ("station 7", "Canary^Carla", "hilar")
"""What the nodes are called; the second by somebody who put a patient's name there."""

Parts = list[messages.ClassifyDicomRequest]


def whole_scan() -> tuple[Volume, NodeMask]:
    """The scan of `tests.service.scans` in whole Hounsfield units, as scanners store it."""
    volume, mask = scan()
    return Volume(volume.hu.round().astype(np.int16), GRID), mask


@cache
def ct() -> list[FileDataset]:
    """Its slices."""
    return slices_of(whole_scan()[0])


@cache
def seg_study() -> list[bytes]:
    """Its slices and a SEG with a segment for each node."""
    labels = whole_scan()[1].labels
    layers = np.stack([labels == label for label in (1, 2, 3)])
    return stored(segmentation(ct(), layers, NAMES), *ct())


@cache
def structure_study() -> list[bytes]:
    """Its slices and an RTSTRUCT with contours of the large node."""
    k0, row, column = GRID.indices_at([LARGE_MM])[0]
    half_mm = np.array([4.5, 4.0, 5.0])
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    contours = []
    for k in range(GRID.shape[0]):
        share = 1 - ((k - k0) * GRID.spacing_mm[0] / half_mm[0]) ** 2
        if share > 0:
            rows = row + np.sqrt(share) * half_mm[1] / GRID.spacing_mm[1] * np.sin(angles)
            columns = column + np.sqrt(share) * half_mm[2] / GRID.spacing_mm[2] * np.cos(angles)
            contours.append(GRID.points_at(np.column_stack([np.full(48, k), rows, columns])))
    return stored(structure_set(ct(), {"station 7": contours}), *ct())


def header(files: Iterable[bytes], **fields: Any) -> messages.DicomHeader:
    """A header for these files and model cnn-gap."""
    return messages.DicomHeader(**{"model": "cnn-gap", "model_version": 1} | fields, instance_bytes=map(len, files))


def stream(files: list[bytes], chunk_bytes: int = 5_000, **fields: Any) -> Parts:
    """A request in chunks."""
    return [messages.ClassifyDicomRequest(header=header(files, **fields)), *chunks(files, chunk_bytes)]


def chunks(files: list[bytes], chunk_bytes: int = 5_000) -> Iterator[messages.ClassifyDicomRequest]:
    """The instances alone, with their checksums."""
    for n, data in enumerate(files):
        for offset in range(0, len(data), chunk_bytes):
            piece = data[offset : offset + chunk_bytes]
            chunk = messages.DicomChunk(instance=n, offset=offset, data=piece, crc32c=google_crc32c.value(piece))
            yield messages.ClassifyDicomRequest(chunk=chunk)
