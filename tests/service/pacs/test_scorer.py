"""From the files of a study to its results, by way of a real server."""

from dataclasses import replace

import pytest

from imaging.crop import EdgePolicy
from service.client import NodeClassifier
from service.dicom.kinds import ALL, ResultKind
from service.dicom.objects import file_of
from service.options import ClassifyOptions
from service.pacs.faults import NotToBeScored, ServiceAway
from service.pacs.scorer import Choices, Scorer
from tests.service.pacs.phantoms import ct_slices, small_files, structure_set

CHOICES = Choices("cnn-gap", kinds=ALL - {ResultKind.SC})


@pytest.fixture(scope="module")
def classifier(server):
    """A client of the running server."""
    with NodeClassifier(server.address) as connected:
        yield connected


@pytest.fixture
def scorer(classifier):
    """Asks the running server."""
    return Scorer(classifier, CHOICES)


def test_results_are_the_same_each_time(scorer):
    """By their bytes: who stores them twice has them once."""
    files = small_files(1)
    model = scorer.model()
    once, again = (scorer.results(order, (), model) for order in (files, files[::-1]))

    assert ["SR", "OT", "SEG"] == [result.Modality for result in once]
    assert list(map(file_of, once)) == list(map(file_of, again))


def test_the_model_that_scored_before_is_preferred(scorer, classifier):
    """As long as the server has it."""
    first, second = (classifier.model("cnn-gap", version) for version in (1, 2))

    assert [first, second, first] == [scorer.model(), scorer.model(second.ref.digest), scorer.model("gone")]


def test_an_unknown_model_is_the_service_s_fault(classifier):
    """Studies wait until somebody has mended it."""
    with pytest.raises(ServiceAway, match="no model resnet50"):
        Scorer(classifier, Choices("resnet50")).model()


def test_slices_that_are_missing_are_named_by_number(scorer):
    """The reason says what to mend, and nothing about the patient."""
    files = small_files(1)

    with pytest.raises(NotToBeScored, match="between instance 9, 11") as caught:
        scorer.results(files[:9] + files[10:], (), scorer.model())
    assert "CANARY" not in str(caught.value).upper()


def test_a_reason_that_quotes_a_region_s_name_is_not_told(scorer):
    """The name of a region is the reader's words; the kind of fault remains."""
    slices = ct_slices(1)
    drawn = structure_set(slices, "LN_canary")
    drawn.ROIContourSequence[0].ContourSequence[0].ContourData = [1.0, 2.0]

    with pytest.raises(NotToBeScored) as caught:
        scorer.results([file_of(each) for each in (*slices, drawn)], (), scorer.model())
    assert "cannot be scored (UnreadableMarking)" in str(caught.value)


def test_what_the_server_refuses_is_refused(classifier):
    """With the field that it names."""
    impossible = replace(CHOICES, options=ClassifyOptions(edge_policy=EdgePolicy.PAD, operating_point=2.0))
    scorer = Scorer(classifier, impossible)

    with pytest.raises(NotToBeScored, match=r"options\.operating_point"):
        scorer.results(small_files(1), (), scorer.model())
