"""Nothing but voxels and their places leaves a bridge for the service."""

import math

import numpy as np
import pytest
import zstandard
from pydicom.dataset import Dataset

from nodelens.v1 import node_classifier_service_pb2 as messages
from service.dicom.objects import file_of
from service.pacs.discretion import TEXTS
from service.pacs.task import State
from tests.service.pacs.bridges import running_bridge
from tests.service.pacs.phantoms import ct_slices, segmentation, structure_set
from tests.service.pacs.test_watch import MODEL, tasks, until
from tests.service.pacs.wiretap import tapped_bytes, tapped_calls

CANARY = b"canary"


def planted(marking):
    """A study in which every text that DICOM has a place for names a canary."""
    slices = ct_slices(
        9,
        PatientComments="canary comment",
        OtherPatientIDs="CANARY-OTHER",
        PatientAddress="Canary Street 1",
        StationName="CANARYSTATION",
        ProtocolName="canary protocol",
        OperatorsName="Canary^Operator",
        DeviceSerialNumber="CANARY-SERIAL",
        ImageComments="canary image",
    )
    marked = segmentation(slices, label="Lymph node canary") if marking == "SEG" else structure_set(slices, "LN canary")
    return [*slices, marked]


def words_of(dataset: Dataset):
    """All texts, dates and UIDs of a dataset that are its own."""
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from words_of(item)
        elif element.VR in TEXTS and element.keyword != "SOPClassUID" and "Referenced" not in element.keyword:
            values = element.value if element.VM > 1 else [element.value]
            yield from (str(each) for each in values if len(str(each)) >= 6)


@pytest.mark.parametrize("marking", ["SEG", "RTSTRUCT"])
def test_nothing_of_a_patient_crosses_the_wire(orthanc, server, tmp_path, marking):
    """Names, numbers, dates, UIDs and descriptions are in no byte sent, in no header and in no message."""
    study = planted(marking)
    stored = orthanc.upload(*map(file_of, study))
    with tapped_calls(server.address) as (inner, tap), tapped_bytes(inner) as (address, heard):
        sides = ["--orthanc", orthanc.url, "--server", address, "--model", MODEL, "--whole-archive"]
        with running_bridge(tmp_path, "watch", *sides, "--poll-seconds", "0.1", "--without", "sc") as bridge:
            until(lambda: tasks(bridge, State.STORED))

    raw = b"".join(heard)
    said = b"".join(data for _, data in tap.messages) + repr(tap.metadata).encode()
    words = {word for dataset in study for word in words_of(dataset)} | {stored}
    assert len(raw) > len(said) > 10_000
    assert 50 < len(words)
    assert not [word for word in words if word.encode() in raw + said]
    assert CANARY not in (raw + said).lower()


def test_what_is_sent_is_a_part_of_the_ct_and_a_mask(orthanc, server, tmp_path):
    """The contract's fields, a random id, 16 bits for each voxel of a part of the CT, and one for each of a mask."""
    study = planted("SEG")
    orthanc.upload(*map(file_of, study))
    with tapped_calls(server.address) as (address, tap):
        sides = ["--orthanc", orthanc.url, "--server", address, "--model", MODEL, "--whole-archive"]
        with running_bridge(tmp_path, "watch", *sides, "--poll-seconds", "0.1", "--without", "sc") as bridge:
            until(lambda: tasks(bridge, State.STORED))

    assert {"ListModels", "ClassifyStream"} == {method for method, _ in tap.messages}
    assert {b""} == {data for method, data in tap.messages if method == "ListModels"}
    parts = [messages.ClassifyStreamRequest.FromString(data) for method, data in tap.messages if method[0] == "C"]
    [header] = [part.header.request for part in parts if part.HasField("header")]
    assert {"request_id", "model", "model_version", "volume", "mask", "options"} == {
        field.name for field, _ in header.ListFields()
    }
    assert 36 == len(header.request_id)
    voxels = {target: b"".join(p.chunk.data for p in parts if p.chunk.target == target) for target in (1, 2)}
    count = math.prod(header.volume.geometry.size)
    assert count < 30 * 60 * 64
    assert len(voxels[1]) == 2 * count
    mask = np.unpackbits(np.frombuffer(zstandard.decompress(voxels[2]), np.uint8), bitorder="little")
    assert math.ceil(math.prod(header.mask.geometry.size) / 8) * 8 == mask.size
