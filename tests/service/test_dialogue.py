"""What a client does, step by step; no server is needed to tell."""

import grpc
import pytest

from imaging.review import Verdict
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.dialogue import Call, Dialogue, Pause, Work, next_step
from service.instances.asking import DicomQuestion
from service.options import ClassifyOptions
from service.refusal import Refused, ServerUnreachable, TooSlow
from service.retry import RetryPolicy
from tests.imaging.manifests import manifest
from tests.service.answers import answer, node
from tests.service.instances.sent import seg_study
from tests.service.models import SPEC
from tests.service.scans import scan

DIALOGUE = Dialogue("host:1", 300.0, 5.0, RetryPolicy(attempts=3))
LISTED = messages.ListModelsResponse(
    models=[
        messages.Model(
            ref={"name": "cnn", "version": 1},
            ready=True,
            is_default=True,
            manifest_json=manifest(preprocessing=SPEC).to_json(),
        )
    ]
)


class Failure(grpc.RpcError):
    """A call that failed."""

    def __init__(self, code: grpc.StatusCode) -> None:
        self._code = code

    def code(self) -> grpc.StatusCode:
        """Its status."""
        return self._code

    def details(self) -> str:
        """Its reason."""
        return "for a reason"

    def trailing_metadata(self) -> tuple[()]:
        """Nothing else."""
        return ()


AWAY = Failure(grpc.StatusCode.UNAVAILABLE)


def steps_of(steps, *outcomes):
    """The steps that are taken where these come of them: a message, or an error; what is to be computed is."""
    taken, left = [], list(outcomes)
    step = next_step(steps, None)
    while True:
        taken.append(step)
        if isinstance(step, Work):
            outcome = step.function()
        elif isinstance(step, Pause):
            outcome = None
        elif left:
            outcome = left.pop(0)
        else:
            return taken
        step = next_step(steps, outcome)


def names(steps):
    """What is called, and where is waited."""
    return [step.method if isinstance(step, Call) else "pause" for step in steps if not isinstance(step, Work)]


def classified():
    """The conversation about a CT."""
    return DIALOGUE.classify(*scan(), "", 0, ClassifyOptions(), False, None)


def test_a_ct_is_sent_once_the_model_is_known():
    """The model says how much of the CT it needs."""
    assert ["ListModels", "ClassifyStream"] == names(steps_of(classified(), LISTED))


def test_what_is_cut_out_and_packed_is_work():
    """A client that awaits does it in a thread."""
    assert [Call, Work, Call] == [type(step) for step in steps_of(classified(), LISTED)]


def test_a_stream_that_breaks_is_sent_again_once_the_server_is_back():
    """After a pause the client waits for the server, for as long as it may be away."""
    steps = steps_of(classified(), LISTED, AWAY, LISTED)

    assert ["ListModels", "ClassifyStream", "pause", "ListModels", "ClassifyStream"] == names(steps)
    first, again = (step for step in steps if isinstance(step, Call) and step.method == "ListModels")
    assert (5.0, False) == (first.timeout_s, first.wait)
    assert (60.0, True) == (again.timeout_s, again.wait)


def test_what_is_sent_again_is_the_same():
    """Header and chunks are sent from the start, with the same request id."""
    _, _, once, _, _, again = steps_of(classified(), LISTED, AWAY, LISTED)

    assert list(once.request) == list(again.request) != []


def test_a_study_is_packed_and_sent_like_a_ct():
    """It is read in a step of its own, and sent again as it was where the server goes away over it."""
    steps = steps_of(DIALOGUE.classify_dicom(seg_study(), "", 0, DicomQuestion(), None), LISTED, AWAY, LISTED)

    assert ["ListModels", "ClassifyDicom", "pause", "ListModels", "ClassifyDicom"] == names(steps)
    once, again = (list(step.request) for step in steps if isinstance(step, Call) and step.method == "ClassifyDicom")
    assert once == again
    assert [1, 31] == [sum(message.HasField(part) for message in once) for part in ("header", "chunk")]


def test_attempts_are_counted():
    """After the last of three the failure is told."""
    with pytest.raises(ServerUnreachable, match="for a reason"):
        steps_of(classified(), LISTED, AWAY, LISTED, AWAY, LISTED, AWAY)


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (grpc.StatusCode.RESOURCE_EXHAUSTED, Refused),
        (grpc.StatusCode.INVALID_ARGUMENT, Refused),
        (grpc.StatusCode.DEADLINE_EXCEEDED, TooSlow),
    ],
)
def test_no_other_failure_is_repeated(code, failure):
    """A busy server is not pressed, and what is wrong stays wrong."""
    with pytest.raises(failure):
        steps_of(classified(), LISTED, Failure(code))


def test_a_server_that_stays_away_is_given_up():
    """Then it is called unreachable, with the time that it was given."""
    with pytest.raises(ServerUnreachable, match="no server answers at host:1 within 60 s"):
        steps_of(classified(), LISTED, AWAY, Failure(grpc.StatusCode.DEADLINE_EXCEEDED))


def test_a_deadline_that_has_passed_ends_the_attempts():
    """There is no pause that would end after the deadline."""
    hasty = Dialogue("host:1", 0.01, 5.0, RetryPolicy())
    with pytest.raises(ServerUnreachable):
        steps_of(hasty.classify(*scan(), "", 0, ClassifyOptions(), False, None), LISTED, AWAY)


def test_a_review_gets_an_id_unless_it_has_one():
    """A review that is made again has the id that its caller chose."""
    found = answer(node(3))
    sent = [
        steps_of(DIALOGUE.review(found, found.nodes[0], Verdict.BENIGN, "r1", "", None, None, review_id))[0].request
        for review_id in ("", "", "mine")
    ]

    assert 3 == len({request.review_id for request in sent})
    assert "mine" == sent[-1].review_id
