"""Who may make which call, asked of a server with TLS and tokens."""

import json
import re
from pathlib import Path

import grpc
import pytest
import trustme
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from imaging.files import write_image
from nodelens.v1.node_classifier_service_pb2 import ListModelsRequest
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from service.client import NodeClassifier
from service.score import main
from service.security.credentials import Access
from service.security.tokens import Scope, new_token
from tests.service.opinions import submission
from tests.service.scans import request, scan, stream
from tests.service.security.authorities import write_ca, write_pair
from tests.service.servers import running_server
from tests.service.test_metrics import samples

CA = trustme.CA()
MADE = {scope.value: new_token(frozenset({scope}), f"the-{scope}") for scope in Scope}
REFLECTION = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"


def write_tokens(path, *tokens):
    """The file of tokens, replaced at once."""
    path.with_suffix(".new").write_text("".join(f"{token}\n" for token in tokens))
    path.with_suffix(".new").rename(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where certificates and tokens are."""
    folder = tmp_path_factory.mktemp("guarded")
    write_ca(CA, folder / "ca.pem")
    write_tokens(folder / "tokens", *(token for _, token in MADE.values()))
    return folder


@pytest.fixture(scope="module")
def guarded(models, folder):
    """A server with TLS and tokens, and the address of its health."""
    certificate, key = write_pair(CA, folder)
    options = ("--tls-certificate", certificate, "--tls-key", key, "--tokens", folder / "tokens", "--health-port", 0)
    with running_server(models, folder / "log.jsonl", "--listen", "localhost:0", *map(str, options)) as server:
        yield server, server.process.stdout.readline().split()[-1]


@pytest.fixture(scope="module")
def channel(guarded):
    """A channel to it."""
    with grpc.secure_channel(guarded[0].address, grpc.ssl_channel_credentials(CA.cert_pem.bytes())) as opened:
        yield opened


@pytest.fixture(scope="module")
def stub(channel):
    """Its calls."""
    return NodeClassifierServiceStub(channel)


def bearing(secret):
    """Metadata with a token."""
    return (("authorization", f"Bearer {secret}"),)


def _whole(answer):
    """An answer; of a stream, all of it."""
    return list(answer) if hasattr(answer, "__next__") else answer


def refused(call, *arguments, **options):
    """Code and reason of a call that is refused."""
    with pytest.raises(grpc.RpcError) as caught:
        _whole(call(*arguments, **options))
    info = ErrorInfo()
    assert rpc_status.from_call(caught.value).details[-1].Unpack(info)
    return caught.value.code().name, info.reason


@pytest.mark.parametrize(
    "metadata",
    [
        (),
        bearing("wrong"),
        bearing(MADE["score"][1].digest),
        (("authorization", MADE["score"][0]),),
        (*bearing(MADE["score"][0]), *bearing(MADE["admin"][0])),
    ],
)
def test_without_a_token_that_is_known_no_call_is_answered(stub, channel, metadata):
    """None, a wrong one, its hash, another scheme, or two: of no kind of call, and without reading its message."""
    reflect = channel.stream_stream(REFLECTION)
    for call, argument in (
        (stub.Classify, request()),
        (stub.ClassifyStream, iter(stream(request()))),
        (stub.ListModels, ListModelsRequest()),
        (stub.SubmitReview, submission()),
        (reflect, iter([b""])),
        (channel.unary_unary("/nodelens.v1.NodeClassifierService/Classify"), b"\xff is no message"),
    ):
        assert ("UNAUTHENTICATED", "NO_VALID_TOKEN") == refused(call, argument, metadata=metadata, timeout=10)


def test_a_token_is_for_its_scope(stub):
    """Scoring, review and administration are apart; any token may list the models."""
    calls = {"score": (stub.Classify, request()), "review": (stub.SubmitReview, submission())}
    for name, (secret, _) in MADE.items():
        assert stub.ListModels(ListModelsRequest(), metadata=bearing(secret)).models
        for scope, (call, message) in calls.items():
            if scope != name:
                assert ("PERMISSION_DENIED", "SCOPE_MISSING") == refused(call, message, metadata=bearing(secret))
    assert 3 == len(stub.Classify(request(), metadata=bearing(MADE["score"][0])).classification.nodes)
    parts = iter(stream(request()))
    assert 3 == len(stub.ClassifyStream(parts, metadata=bearing(MADE["score"][0])).classification.nodes)
    # The server keeps no reviews: the token let the call pass.
    assert ("FAILED_PRECONDITION", "REVIEWS_NOT_TAKEN") == refused(
        stub.SubmitReview, submission(), metadata=bearing(MADE["review"][0])
    )


def test_health_is_open(guarded, channel):
    """Probes have no token; those that know no TLS either have a port of their own."""
    with grpc.insecure_channel(guarded[1]) as plain:
        for each in (channel, plain):
            answer = health_pb2_grpc.HealthStub(each).Check(health_pb2.HealthCheckRequest())
            assert health_pb2.HealthCheckResponse.SERVING == answer.status


def test_tokens_are_rotated_without_a_restart(stub, folder):
    """Old and new are valid at once; what is dropped from the file is refused; a broken file changes nothing."""
    secret, token = new_token(frozenset({Scope.SCORE}), "next")
    old = [each for _, each in MADE.values()]
    write_tokens(folder / "tokens", *old, token)
    for valid in (secret, MADE["score"][0]):
        assert stub.ListModels(ListModelsRequest(), metadata=bearing(valid)).models
    write_tokens(folder / "tokens", token)
    assert ("UNAUTHENTICATED", "NO_VALID_TOKEN") == refused(
        stub.ListModels, ListModelsRequest(), metadata=bearing(MADE["score"][0])
    )
    write_tokens(folder / "tokens", "half of a li")
    assert stub.ListModels(ListModelsRequest(), metadata=bearing(secret)).models
    write_tokens(folder / "tokens", *old)


def test_certificates_are_renewed_without_a_restart(guarded, folder, tmp_path):
    """Who connects after the files were replaced gets the new certificate, by another authority."""
    other = trustme.CA()
    (tmp_path / "token").write_text(MADE["score"][0])
    access = Access(ca=write_ca(other, tmp_path / "ca.pem"), token_file=tmp_path / "token")
    write_pair(other, folder)
    with NodeClassifier(guarded[0].address, access=access) as classifier:
        assert classifier.models()
    write_pair(CA, folder)


def test_who_has_no_token_takes_no_memory(guarded, channel):
    """A large message is refused before it is received."""
    status = Path(f"/proc/{guarded[0].process.pid}/status")

    def peak_kib():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1])

    before = peak_kib()
    call = channel.unary_unary("/nodelens.v1.NodeClassifierService/Classify")
    assert ("UNAUTHENTICATED", "NO_VALID_TOKEN") == refused(call, bytes(2**26), timeout=20)
    assert peak_kib() - before < 2**14


def test_refusals_are_counted_and_logged_with_the_callers_name(guarded, stub):
    """The log names the token where it is known, and has an id for every call."""
    refused(stub.ListModels, ListModelsRequest())
    stub.ListModels(ListModelsRequest(), metadata=bearing(MADE["admin"][0]))
    calls = [json.loads(line) for line in guarded[0].log.read_text().splitlines()]
    named, nameless = ([c for c in calls if c.get("caller") == caller] for caller in ("the-admin", None))
    counted = {labels for name, labels in samples(guarded[0]) if name == "grpc_server_handled_total"}

    assert all(call["request_id"] for call in calls if call["event"] == "call")
    assert "OK" in [call["code"] for call in named]
    assert "UNAUTHENTICATED" in [call.get("code") for call in nameless]
    assert "UNAUTHENTICATED" in {dict(labels)["grpc_code"] for labels in counted}


def test_the_command_brings_certificate_and_token(guarded, folder, tmp_path, capsys):
    """nodelens-score is answered with both, and told what is missing without."""
    volume, mask = scan()
    write_image(tmp_path / "ct.nii.gz", volume.hu, volume.geometry)
    write_image(tmp_path / "mask.nii.gz", mask.labels, mask.geometry)
    (tmp_path / "token").write_text(MADE["score"][0])
    words = [str(tmp_path / name) for name in ("ct.nii.gz", "mask.nii.gz")]
    words += ["--out", str(tmp_path / "out"), "--server", guarded[0].address]
    ca, token = ["--ca", str(folder / "ca.pem")], ["--token-file", str(tmp_path / "token")]

    assert (2, 2, 0) == tuple(main([*words, *options]) for options in ((), ca, ca + token))
    plain, tokenless = capsys.readouterr().err.splitlines()[:2]
    assert "may want TLS (--ca FILE or --tls)" in plain
    assert "the call brings no token" in tokenless
    assert {"{"} == {line[0] for line in guarded[0].log.read_text().splitlines()}
