"""The call `ClassifyDicom`, over real gRPC."""

import threading
from io import BytesIO

import grpc
import numpy as np
import pydicom
import pytest
from numpy.testing import assert_allclose

from nodelens.v1 import node_classifier_service_pb2 as messages
from tests.imaging.dicom.markings import segmentation
from tests.service.instances.sent import NAMES, ct, seg_study, stored, stream, structure_study, whole_scan
from tests.service.scans import request
from tests.service.test_metrics import grown, samples

LABELS = messages.ClassifyOptions(node_separation=messages.NODE_SEPARATION_LABELS)
NONE = messages.ClassifyOptions(heatmap_output=messages.HEATMAP_OUTPUT_NONE)
ALL = [1, 2, 3, 4]
"""The numbers of all `messages.DicomResult`."""


def probabilities(answer):
    """Of all nodes, in order."""
    return [node.probability for node in answer.classification.nodes]


class TestAnswers:
    def test_a_study_gets_the_probabilities_of_its_voxels(self, stub):
        """DICOM, in whatever order it comes, is the same CT and the same nodes as raw voxels."""
        expected = probabilities(stub.Classify(request(*whole_scan())))
        forwards, backwards = (stub.ClassifyDicom(iter(stream(files))) for files in (seg_study(), seg_study()[::-1]))

        assert_allclose(probabilities(forwards), expected, atol=1e-5)
        assert probabilities(forwards) == probabilities(backwards)

    def test_nodes_are_called_as_they_were_marked(self, stub):
        """By components the largest is first; by labels each segment is one node."""
        components, labels = (stub.ClassifyDicom(iter(stream(seg_study(), options=o))) for o in (None, LABELS))

        assert ["station 7", "hilar", "Canary^Carla"] == [name for each in components.names for name in each.names]
        assert list(NAMES) == [name for each in labels.names for name in each.names]
        assert [1, 2, 3] == [each.label for each in labels.names]

    def test_a_structure_set_marks_nodes_too(self, stub):
        """Contours of the large node are nearly its voxels."""
        expected = probabilities(stub.Classify(request(*whole_scan())))[0]

        assert_allclose(probabilities(stub.ClassifyDicom(iter(stream(structure_study())))), [expected], atol=0.1)

    def test_only_what_is_named_is_scored(self, stub):
        """Whatever the case of the letters."""
        found = stub.ClassifyDicom(iter(stream(seg_study(), names=["HILAR"])))

        assert [["hilar"]] == [list(each.names) for each in found.names]

    def test_how_it_was_read_is_among_the_warnings(self, stub):
        """Segments that overlap are told by name: it is the caller's own answer."""
        labels = whole_scan()[1].labels
        layers = np.stack([labels == 1, (labels == 1) | (labels == 2)])
        files = stored(segmentation(ct(), layers, ("first", "second")), *ct())
        warnings = stub.ClassifyDicom(iter(stream(files))).classification.warnings

        [message] = [warning.message for warning in warnings if warning.code == "DICOM_READING"]
        assert "'first', 'second' overlap" in message

    def test_objects_come_on_request(self, stub):
        """Each is a DICOM file of the study's patient, and the same whenever it is asked for."""
        once, again = (stub.ClassifyDicom(iter(stream(seg_study(), results=ALL, options=NONE))) for _ in range(2))
        datasets = [pydicom.dcmread(BytesIO(each.data)) for each in once.objects]

        assert set(ALL) == {each.kind for each in once.objects}
        assert {"Canary^Carla"} == {str(dataset.PatientName) for dataset in datasets}
        assert {ct()[0].StudyInstanceUID} == {dataset.StudyInstanceUID for dataset in datasets}
        assert [each.data for each in once.objects] == [each.data for each in again.objects]
        assert not once.classification.nodes[0].HasField("heatmap")

    def test_without_asking_there_are_none(self, stub):
        """Nor where one kind is left out."""
        plain = stub.ClassifyDicom(iter(stream(seg_study())))
        report = stub.ClassifyDicom(iter(stream(seg_study(), results=ALL[:1])))

        assert [] == list(plain.objects)
        assert ALL[:1] == [each.kind for each in report.objects]

    def test_a_call_is_counted_like_any_other(self, server, stub):
        """By method, stage and node, and nothing is held afterwards."""
        before = samples(server)
        stub.ClassifyDicom(iter(stream(seg_study())))
        after = samples(server)
        rpc = {
            "grpc_type": "client_stream",
            "grpc_service": "nodelens.v1.NodeClassifierService",
            "grpc_method": "ClassifyDicom",
        }

        assert 1 == grown(before, after, "grpc_server_handled_total", **rpc, grpc_code="OK")
        assert 1 == grown(before, after, "nodelens_stage_seconds_count", stage="decode")
        assert 2 == grown(before, after, "nodelens_probability_count", model="cnn-gap")
        assert 0 == after["nodelens_in_flight_bytes", ()]


def test_a_caller_that_goes_away(server, stub):
    """Its call is ended as cancelled, and what it held is free again."""
    before = samples(server)
    go_on = threading.Event()

    def half():
        yield from stream(seg_study())[:20]
        go_on.wait(20)

    call = stub.ClassifyDicom.future(half())
    call.cancel()
    go_on.set()

    with pytest.raises(grpc.FutureCancelledError):
        call.result()
    assert probabilities(stub.ClassifyDicom(iter(stream(seg_study()))))
    assert 0 == samples(server)["nodelens_in_flight_bytes", ()]
    assert samples(server) != before
