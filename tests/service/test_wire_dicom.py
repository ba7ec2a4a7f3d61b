"""Results in DICOM on the wire."""

import pytest

from nodelens.v1 import node_classifier_service_pb2 as messages
from service.dicom.answer import DicomObject
from service.dicom.kinds import ALL, ResultKind
from service.faults import InvalidRequest
from service.wire_dicom import KINDS, dicom_answer_from, kinds_from, name_messages, object_messages, result_numbers
from service.wire_findings import classification_message
from tests.service.answers import answer, node


def test_every_kind_survives_the_wire():
    """Each kind of result has a number, each number but 0 a kind."""
    assert ALL == kinds_from(result_numbers(ALL)) == set(KINDS)
    assert set(messages.DicomResult.values()) - {0} == set(KINDS.values())


@pytest.mark.parametrize("number", [0, 9])
def test_a_result_that_does_not_exist_is_refused_by_its_place(number):
    """So is one that is not said."""
    with pytest.raises(InvalidRequest, match=r"results\[1\]: \d is not one of 1, 2, 3, 4"):
        kinds_from([1, number])


def test_an_answer_survives_the_wire():
    """Findings, objects and names come back as they were."""
    sent = messages.ClassifyDicomResponse(
        classification=classification_message(answer(node(3, heatmap=None))),
        objects=object_messages([DicomObject(ResultKind.SC, b"picture"), DicomObject(ResultKind.SR, b"report")]),
        names=name_messages({3: ("hilar", "station 7"), 1: ()}),
    )
    received = dicom_answer_from(messages.ClassifyDicomResponse.FromString(sent.SerializeToString()))

    assert [3] == [each.label for each in received.found.nodes]
    assert [("sc", b"picture"), ("sr", b"report")] == [(each.kind, each.data) for each in received.objects]
    assert {1: (), 3: ("hilar", "station 7")} == received.names
