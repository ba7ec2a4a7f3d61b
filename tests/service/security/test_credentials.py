"""What a client shows a server."""

import asyncio

import pytest
import trustme

from nodelens.v1.node_classifier_service_pb2 import ListModelsRequest
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from service.client import NodeClassifier
from service.faults import UnusableCredentials
from service.security.credentials import Access
from service.security.tls import Tls
from tests.service.security.authorities import answering, write_ca, write_pair

CA = trustme.CA()


@pytest.fixture
def token(tmp_path):
    """A file with a token."""
    path = tmp_path / "token"
    path.write_text("secret-1\n")
    return path


def test_the_token_goes_with_each_call(token, tmp_path):
    """Over TLS, and in plaintext to this machine; a new content of the file goes with the next call."""
    trusted = write_ca(CA, tmp_path / "ca.pem")
    for credentials, access in (
        (Tls(*write_pair(CA, tmp_path)).credentials(), Access(ca=trusted, token_file=token)),
        (None, Access(token_file=token)),
    ):
        with answering(credentials) as (address, seen), NodeClassifier(address, access=access) as classifier:
            for secret in ("secret-1", "secret-2"):
                token.write_text(secret)
                classifier.models()
        assert ["Bearer secret-1", "Bearer secret-2"] == [each["authorization"] for each in seen.metadata]


def test_asyncio_has_the_same(token, tmp_path):
    """Its channel speaks TLS and brings the token too."""
    access = Access(ca=write_ca(CA, tmp_path / "ca.pem"), token_file=token)

    async def ask(address, access):
        async with access.aio_channel(address, []) as channel:
            await NodeClassifierServiceStub(channel).ListModels(ListModelsRequest(), timeout=5)

    with answering(Tls(*write_pair(CA, tmp_path)).credentials()) as (address, seen):
        asyncio.run(ask(address, access))
    with answering(None) as (address, open_seen):
        for each in (Access(), Access(token_file=token)):
            asyncio.run(ask(address, each))

    assert ["Bearer secret-1"] == [each.get("authorization") for each in seen.metadata]
    assert [None, "Bearer secret-1"] == [each.get("authorization") for each in open_seen.metadata]


def test_a_token_never_crosses_a_network_in_the_open(token):
    """Without TLS it goes to this machine only."""
    with pytest.raises(UnusableCredentials, match=r"would go to scanner-7:50051 in the open; give --ca or --tls"):
        NodeClassifier("scanner-7:50051", access=Access(token_file=token))
    NodeClassifier("scanner-7:50051", access=Access(tls=True, token_file=token)).close()


@pytest.mark.parametrize("content", ["", "two words", "Zürich"])
def test_a_file_that_holds_no_token_is_told(token, content):
    """One word and nothing else."""
    token.write_text(content, encoding="utf-8")

    with pytest.raises(UnusableCredentials, match="--token-file: the file must hold one token"):
        Access(token_file=token).channel("localhost:1", [])


def test_a_certificate_needs_its_key(tmp_path):
    """One without the other is refused, and so is an authority that is none."""
    certificate, key = write_pair(CA, tmp_path)
    with pytest.raises(UnusableCredentials, match="--client-certificate and --client-key go together"):
        Access(certificate=certificate).channel("localhost:1", [])
    with pytest.raises(UnusableCredentials, match="--ca: must hold the certificate of an authority"):
        Access(ca=key).channel("localhost:1", [])
