"""Certificates, tokens and passwords for one machine."""

import json
import shutil
import stat
import subprocess

import pytest

from service.client import NodeClassifier
from service.refusal import CallFailed
from service.security.credentials import Access
from service.security.tokens import Scope, token_of, tokens_from
from tests.deploy.compose.compose import COMPOSE, composed
from tests.service.models import write_models
from tests.service.servers import running_server


def make(folder, *names):
    """Run the script."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    subprocess.run([COMPOSE / "secrets.sh", folder, *names], check=True, capture_output=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What the script made, for a machine that is also called scanner-7."""
    made = tmp_path_factory.mktemp("made") / "secrets"
    make(made, "scanner-7")
    return made


def test_all_secrets_of_the_compose_file_are_made(folder):
    """Each file that the compose file mounts is there, and none of them is empty."""
    named = {one["file"].rpartition("/")[2] for one in composed()["secrets"].values()}

    assert named <= {path.name for path in folder.iterdir() if path.stat().st_size}
    assert {"ca.key", "ca.srl", "reader.token"} == {path.name for path in folder.iterdir()} - named


def test_the_folder_is_its_owner_s(folder):
    """Nobody else enters it; the key of the authority is for nobody else anyhow, and no container gets it."""
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    assert 0o600 == stat.S_IMODE((folder / "ca.key").stat().st_mode)
    assert 0o644 == stat.S_IMODE((folder / "tls.key").stat().st_mode)
    assert "ca.key" not in composed()["secrets"]


def test_tokens_are_what_the_server_reads(folder):
    """The server's file knows the token of each client, with what it is for."""
    tokens = tokens_from([(folder / "tokens").read_bytes()])
    known = {name: token_of((folder / f"{name}.token").read_text().strip(), tokens) for name in ("bridge", "reader")}

    assert {"bridge": {Scope.SCORE}, "reader": {Scope.SCORE, Scope.REVIEW}} == {
        name: token.scopes for name, token in known.items()
    }
    assert ["bridge", "reader"] == [token.name for token in tokens]


def test_the_bridge_knows_the_archive_s_password(folder):
    """Orthanc's user is the one that the bridge logs in as."""
    user, password = (folder / "orthanc.credentials").read_text().strip().split(":")

    assert {user: password} == json.loads((folder / "orthanc.json").read_text())["RegisteredUsers"]


def test_what_is_there_stays(folder):
    """A second run changes nothing, so that it may stand before each start."""
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    make(folder, "scanner-7")

    assert before == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_server_and_its_clients_can_use_them(folder, tmp_path):
    """A caller with authority and token is answered, by each name of the server; one without a token is not."""
    models = write_models(tmp_path / "models")
    tls = ("--tls-certificate", str(folder / "tls.crt"), "--tls-key", str(folder / "tls.key"))
    options = (*tls, "--tokens", str(folder / "tokens"), "--allow-research")
    with running_server(models, tmp_path / "log.jsonl", *options) as server:
        port = server.address.rpartition(":")[2]
        for host in ("localhost", "127.0.0.1"):
            access = Access(ca=folder / "ca.crt", token_file=folder / "reader.token")
            with NodeClassifier(f"{host}:{port}", access=access) as classifier:
                assert classifier.models()
        stranger = NodeClassifier(f"localhost:{port}", access=Access(ca=folder / "ca.crt"))
        with stranger, pytest.raises(CallFailed, match="token"):
            stranger.models()


@pytest.mark.parametrize(
    ("certificate", "name"),
    [("tls.crt", "nodelens"), ("tls.crt", "scanner-7"), ("orthanc.pem", "orthanc"), ("orthanc.pem", "scanner-7")],
)
def test_certificates_hold_for_the_names_of_their_servers(folder, certificate, name):
    """The authority vouches for each certificate under the name that others call its server by."""
    words = ["openssl", "verify", "-CAfile", folder / "ca.crt", "-purpose", "sslserver", "-verify_hostname", name]
    done = subprocess.run([*words, folder / certificate], capture_output=True, text=True, check=False)

    assert (f"{folder / certificate}: OK\n", 0) == (done.stdout, done.returncode)
