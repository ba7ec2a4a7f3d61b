"""What a caller wants to know of a study."""

import uuid
from dataclasses import dataclass, field

from nodelens.v1 import node_classifier_service_pb2 as messages
from service.dicom.kinds import ResultKind
from service.findings import ModelRef
from service.options import ClassifyOptions
from service.wire import options_message
from service.wire_dicom import result_numbers


@dataclass(frozen=True, slots=True)
class DicomQuestion:
    """
    Choices about a study beside its instances.

    Attributes:
        options: As for any CT.
        names: Segments or ROIs to score, by name; all where there is none.
        marking: Which SEG or RTSTRUCT to read where there are several: a description, label or SOP Instance UID.
        results: DICOM objects that come back.
    """

    options: ClassifyOptions = field(default_factory=ClassifyOptions)
    names: tuple[str, ...] = ()
    marking: str = ""
    results: frozenset[ResultKind] = frozenset()

    def header(self, model: ModelRef) -> messages.DicomHeader:
        """The same for a model, as it is sent; with a random id, and without instances."""
        return messages.DicomHeader(
            request_id=str(uuid.uuid4()),
            model=model.name,
            model_version=model.version,
            options=options_message(self.options),
            names=self.names,
            marking=self.marking,
            results=result_numbers(self.results),
        )
