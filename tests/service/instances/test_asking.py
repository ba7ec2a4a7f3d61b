"""Choices about a study on the wire."""

from service.dicom.kinds import ResultKind
from service.findings import ModelRef
from service.instances.asking import DicomQuestion
from service.options import ClassifyOptions, HeatmapOutput
from service.wire import options_from
from service.wire_dicom import kinds_from

MODEL = ModelRef("cnn", 3, "ab" * 32)


def test_every_choice_is_sent():
    """The header says what was chosen, of the model that was chosen."""
    options = ClassifyOptions(heatmap_output=HeatmapOutput.NONE)
    kinds = frozenset({ResultKind.SR, ResultKind.SC})
    header = DicomQuestion(options, ("a", "b"), "nodes", kinds).header(MODEL)

    assert ("cnn", 3, ["a", "b"], "nodes") == (header.model, header.model_version, list(header.names), header.marking)
    assert (options, kinds) == (options_from(header.options), kinds_from(header.results))


def test_each_request_has_an_id_of_its_own():
    """It is random, and says nothing of the study."""
    ids = {DicomQuestion().header(MODEL).request_id for _ in range(3)}

    assert 3 == len(ids)
    assert {36} == set(map(len, ids))
