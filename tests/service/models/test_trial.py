"""Models on trial."""

import pytest

from service.faults import CannotStart
from service.models.trial import Trial
from tests.service.models.live import caller
from tests.service.scans import request, stream
from tests.service.servers import running_server

REQUESTS = [f"study-{n}" for n in range(4000)]


@pytest.mark.parametrize("share", [0.01, 0.3, 1.0])
def test_a_share_is_a_share_of_the_requests(share):
    """As many requests are taken as the share says, to within four standard errors; all of them at 1."""
    taken = sum(map(Trial("canary", "cnn", 2, share).takes, REQUESTS))

    assert taken == pytest.approx(share * 4000, abs=4 * (4000 * share * (1 - share)) ** 0.5)


def test_a_request_that_is_sent_again_meets_the_same_model():
    """Whether a request is taken depends on its id and nothing else."""
    first, second = Trial("canary", "cnn", 2, 0.5), Trial("canary", "cnn", 2, 0.5)

    assert list(map(first.takes, REQUESTS)) == list(map(second.takes, REQUESTS))


def test_canary_and_shadow_are_drawn_independently():
    """Of what a canary takes, a shadow of the same model and share takes a half and not all."""
    canary, shadow = Trial("canary", "cnn", 2, 0.5), Trial("shadow", "cnn", 2, 0.5)
    both = sum(canary.takes(request) and shadow.takes(request) for request in REQUESTS)

    assert both == pytest.approx(1000, abs=110)


@pytest.mark.parametrize(("text", "name", "version"), [("cnn", "cnn", 0), ("cnn-gap@12", "cnn-gap", 12)])
def test_a_model_is_named_with_or_without_its_version(text, name, version):
    """Without a version the newest is meant."""
    trial = Trial.from_text("shadow", text, 0.5)

    assert (name, version) == (trial.name, trial.version)


@pytest.mark.parametrize("text", ["", "@1", "cnn@", "cnn@0", "cnn@x", "a@1@2", "../cnn"])
def test_what_names_no_model_is_refused(text):
    """The message has an example."""
    with pytest.raises(CannotStart, match="NAME@VERSION, such as cnn-gap@2"):
        Trial.from_text("shadow", text, 0.5)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, float("nan"), float("inf")])
def test_a_share_that_is_none_is_refused(share):
    """Nothing, more than all, and what is no number."""
    with pytest.raises(CannotStart, match="above 0 and at most 1"):
        Trial.from_text("shadow", "cnn", share)


def test_a_server_lets_a_canary_answer_its_share(models, tmp_path):
    """A request without a version meets the canary or not by its id, in one message and in chunks alike."""
    words = ["--allow-research", "--canary", "cnn-gap@2=0.5", "--poll-seconds", "0"]
    canary, ids = Trial("canary", "cnn-gap", 2, 0.5), REQUESTS[:6]
    expected = [2 if canary.takes(each) else 1 for each in ids]
    with running_server(models, tmp_path / "log.jsonl", *words) as server, caller(server) as calls:
        asked = [request(model="cnn-gap", model_version=0, request_id=each) for each in ids]
        whole = [calls.stub.Classify(each).classification.model.version for each in asked]
        streamed = [calls.stub.ClassifyStream(iter(stream(each))).classification.model.version for each in asked]
        named = calls.stub.Classify(request(request_id=ids[expected.index(2)])).classification.model.version

    assert expected == whole == streamed
    assert {1, 2} == set(expected)
    assert 1 == named
