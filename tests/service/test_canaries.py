"""Nothing that callers send comes out again in logs, errors, metrics or traces: canaries are planted, and searched."""

import json
import re
from dataclasses import dataclass, field
from urllib.error import HTTPError
from urllib.request import urlopen

import grpc
import pytest

from nodelens.v1 import node_classifier_service_pb2 as messages
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from service.security.tokens import Scope, new_token
from tests.service.canaries import canaries_in, planted
from tests.service.collector import collecting
from tests.service.instances.planted import planted_studies
from tests.service.instances.sent import seg_study
from tests.service.instances.sent import stream as stream_of
from tests.service.opinions import FILES, called, submission
from tests.service.scans import request, stream
from tests.service.servers import running_server

SECRET, TOKEN = new_token(frozenset(Scope), "tests")
BEARER = ("authorization", f"Bearer {SECRET}")
HEADERS = (
    ("traceparent", "00-canary01-canary02-01"),
    ("tracestate", "who=canary03"),
    ("baggage", "patient=canary04"),
    ("x-patient", "canary05"),
    ("x-patient-bin", b"canary06"),
)
OK = grpc.StatusCode.OK
ECHOED = {
    "request_id": "the caller's own number for the call, which must not identify a patient",
    "review_id": "likewise; it stands in the log as the call's request_id",
}
"""The fields that logs and traces repeat, where they are what an id may be, and why."""


@dataclass
class Sent:
    """What was sent, and all that came out of it."""

    echoed: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    count: int = 0
    scored: int = 0
    log: str = ""
    errors: str = ""
    page: str = ""
    spans: str = ""
    ledger: str = ""


def ask(sent, call, argument, *headers):
    """Make a call, and keep what is said where it fails."""
    try:
        call(argument, metadata=(*headers, *HEADERS), timeout=20)
    except grpc.RpcError as error:
        sent.errors += f"{error.details()} {error.trailing_metadata()}\n"
        return error.code()
    return grpc.StatusCode.OK


def ask_all(sent, stub):
    """Make every call with a canary in each of its fields."""
    review = submission(comment="fatty hilum", finding=called(None))
    review.finding.files.image_digest, review.finding.files.mask_digest = FILES.image_digest, FILES.mask_digest
    review.finding.files.label = FILES.label
    header, study = stream(request())[0], stream_of(seg_study(), chunk_bytes=2**20)
    for call, valid, wrap in (
        (stub.Classify, request(), lambda each: each),
        (stub.ClassifyStream, header, lambda each: iter([each, *stream(request())[1:]])),
        (stub.ClassifyStream, stream(request())[1], lambda each: iter([header, each])),
        (stub.ClassifyDicom, study[0], lambda each: iter([each, *study[1:]])),
        (stub.ClassifyDicom, study[1], lambda each: iter([study[0], each])),
        (stub.SubmitReview, review, lambda each: each),
    ):
        for path, canary, message in planted(valid):
            if call is stub.SubmitReview and path != "review_id":
                message.review_id = f"review-{sent.count}"
            code = ask(sent, call, wrap(message), BEARER)
            sent.count += 1
            name = path.rpartition(".")[2]
            if name in ECHOED and path != "finding.request_id" and code is grpc.StatusCode.OK:
                sent.echoed.add(canary)
            if path in ("reader", "comment") and code is grpc.StatusCode.OK:
                sent.stored.add(canary)


def ask_about_studies(sent, stub):
    """Send studies with a canary in each attribute; a report is asked for, which repeats what belongs there."""
    for files in planted_studies(first_number=1000):
        sent.count += 1
        sent.scored += ask(sent, stub.ClassifyDicom, iter(stream_of(files, 2**20, results=[1])), BEARER) is OK


def ask_what_is_not_there(sent, channel, metrics_url):
    """Calls that do not exist, messages that are none, tokens that are wrong, pages that are not there."""
    for method in (
        "/nodelens.v1.NodeClassifierService/Canary10",
        "/Canary11/Classify",
        "/nodelens.v1.NodeClassifierService/Classify",
        "/nodelens.v1.NodeClassifierService/ClassifyStream",
        "/nodelens.v1.NodeClassifierService/ClassifyDicom",
        "/grpc.health.v1.Health/Check",
    ):
        ask(sent, channel.unary_unary(method), b"\xffcanary12", BEARER)
        ask(sent, channel.unary_unary(method), b"\x7a\x08canary13", BEARER)
        ask(sent, channel.unary_unary(method), b"", ("authorization", "Bearer canary14"))
    for path in ("/canary15", "?name[]=canary16"):
        try:
            with urlopen(metrics_url + path) as page:
                sent.page += page.read().decode()
        except HTTPError as error:
            sent.page += error.read().decode()


@pytest.fixture(scope="module")
def sent(models, tmp_path_factory):
    """All that comes out of a server with tokens, reviews and traces, from its start to its end."""
    folder = tmp_path_factory.mktemp("canaries")
    (folder / "tokens").write_text(f"{TOKEN}\n")
    options = ("--tokens", str(folder / "tokens"), "--reviews", str(folder / "reviews.jsonl"))
    sent = Sent()
    agent = (("grpc.primary_user_agent", "canary20"), ("grpc.default_authority", "canary21"))
    with pytest.MonkeyPatch.context() as environ, collecting() as collector:
        environ.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        with (
            running_server(models, folder / "log.jsonl", *options) as server,
            grpc.insecure_channel(server.address, options=agent) as channel,
        ):
            stub = NodeClassifierServiceStub(channel)
            ask_all(sent, stub)
            ask_about_studies(sent, stub)
            ask(sent, stub.ListModels, messages.ListModelsRequest(), BEARER)
            ask_what_is_not_there(sent, channel, server.metrics_url)
            with urlopen(server.metrics_url) as page:
                sent.page += page.read().decode()
    sent.log = (folder / "log.jsonl").read_text()
    sent.ledger = (folder / "reviews.jsonl").read_text()
    sent.spans = "".join(str(each) for each in collector.requests)
    return sent


def test_errors_repeat_nothing(sent):
    """Neither messages nor details of statuses hold what was sent, not even to who sent it."""
    assert sent.errors.count("\n") > 20
    assert set() == canaries_in(sent.errors)


def test_studies_were_scored_and_refused(sent):
    """Most attributes of a patient and a study do not matter to a score, others do: both ways out were taken."""
    assert sent.scored > 20
    assert len(re.findall("instances|marking|results", sent.errors)) > 20


def test_metrics_repeat_nothing(sent):
    """No value and no label comes from a caller."""
    assert "grpc_server_handled_total" in sent.page
    assert set() == canaries_in(sent.page)


@pytest.mark.parametrize("where", ["log", "spans"])
def test_logs_and_traces_repeat_ids_alone(sent, where):
    """Each id of a call that was answered is there, and nothing else that was sent."""
    assert sent.echoed
    assert sent.echoed == canaries_in(getattr(sent, where))


def test_what_a_reader_wrote_is_in_the_ledger_alone(sent):
    """The canaries of reader and comment were taken, so that they could have come out elsewhere."""
    assert sent.stored
    assert sent.stored <= canaries_in(sent.ledger)
    assert set() == sent.stored & canaries_in(sent.log + sent.spans + sent.page + sent.errors)


def test_the_token_comes_out_nowhere(sent):
    """Neither the secret nor its hash."""
    everything = sent.log + sent.spans + sent.page + sent.errors + sent.ledger

    assert [] == [word for word in (SECRET, TOKEN.digest) if word in everything]


def test_every_line_is_json_with_the_calls_id(sent):
    """Lines of calls have their id, whether the caller chose one or not; libraries write no lines of their own."""
    lines = [json.loads(line) for line in sent.log.splitlines()]
    calls = [line for line in lines if line["event"] == "call"]

    assert len(calls) > sent.count
    assert all(call["request_id"] for call in calls)
