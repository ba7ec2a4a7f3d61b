"""Results in DICOM on the wire, and what they mean."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nodelens.v1 import node_classifier_service_pb2 as messages
from service.dicom.answer import DicomAnswer, DicomObject
from service.dicom.kinds import ResultKind
from service.faults import InvalidRequest, Reason
from service.wire_findings import classification_from

KINDS: dict[ResultKind, Any] = {
    ResultKind.SR: messages.DICOM_RESULT_SR,
    ResultKind.PARAMETRIC_MAP: messages.DICOM_RESULT_PARAMETRIC_MAP,
    ResultKind.SEG: messages.DICOM_RESULT_SEG,
    ResultKind.SC: messages.DICOM_RESULT_SC,
}


def kinds_from(numbers: Sequence[Any]) -> frozenset[ResultKind]:
    """
    The results that were asked for.

    Raises:
        InvalidRequest: there is none of such a number.
    """
    meanings = {number: kind for kind, number in KINDS.items()}
    for n, number in enumerate(numbers):
        if number not in meanings:
            known = ", ".join(map(str, meanings))
            raise InvalidRequest(f"results[{n}]", f"{number} is not one of {known}", Reason.INVALID_OPTION)
    return frozenset(meanings[number] for number in numbers)


def result_numbers(kinds: Iterable[ResultKind]) -> list[Any]:
    """The results to ask for, as they are sent."""
    return sorted(KINDS[kind] for kind in kinds)


def object_messages(objects: Sequence[DicomObject]) -> list[messages.DicomObject]:
    """Results as they are sent."""
    return [messages.DicomObject(kind=KINDS[each.kind], data=each.data) for each in objects]


def name_messages(names: Mapping[int, tuple[str, ...]]) -> list[messages.NodeName]:
    """What nodes are called, as it is sent."""
    return [messages.NodeName(label=label, names=found) for label, found in sorted(names.items())]


def dicom_answer_from(message: messages.ClassifyDicomResponse) -> DicomAnswer:
    """An answer as it was sent."""
    kinds = {number: kind for kind, number in KINDS.items()}
    return DicomAnswer(
        classification_from(message.classification),
        tuple(DicomObject(kinds[each.kind], each.data) for each in message.objects),
        {each.label: tuple(each.names) for each in message.names},
    )
