"""The image, as it is described; `tests.deploy.image_check` builds it and runs it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from onnxruntime.capi import build_and_package_info
from packaging.requirements import Requirement

from service import probe
from service.faults import CannotStart
from service.settings import Settings
from tests.conftest import ROOT
from tests.deploy.dockerfile import arguments, stages
from tests.deploy.locks import lock, normal

FINAL = ("service", "service-cpu", "training")
SERVERS = FINAL[:2]
LOCKS = ("build", "service", "service-cpu", "training")
TLS = ["--tls-certificate", "tls.crt", "--tls-key", "tls.key"]


@pytest.mark.parametrize("path", ["Dockerfile", "deploy/compose/orthanc/Dockerfile"])
def test_hadolint_has_nothing_to_say(path):
    """Dockerfiles follow the rules of hadolint, but for those they name."""
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run([hadolint, "--no-color", ROOT / path], capture_output=True, text=True, check=False)

    assert ("", 0) == (done.stdout, done.returncode)


@pytest.mark.parametrize("name", LOCKS)
def test_all_that_is_installed_is_locked(name):
    """Each package has one version, that of constraints.txt if it stands there, and hashes of its files."""
    constraints = (ROOT / "constraints.txt").read_text().split()
    pinned = {normal(package): version for package, version in (line.split("==") for line in constraints)}
    locked = lock(name)

    assert [package for package, (_, hashes) in locked.items() if not hashes] == []
    assert {
        package: version for package, (version, _) in locked.items() if pinned.get(package, version) != version
    } == {}


@pytest.mark.parametrize("name", SERVERS)
def test_the_service_has_no_torch(name):
    """What only training needs is not in the images of the service."""
    assert set() == lock(name).keys() & {"torch", "monai", "onnx", "scikit-learn", "scipy", "ray", "pytest"}


def test_the_two_services_differ_by_the_runtime_alone():
    """The image without CUDA has the same packages, and ONNX Runtime of the same version."""
    gpu, cpu = ({name: version for name, (version, _) in lock(each).items()} for each in SERVERS)

    assert gpu.pop("onnxruntime-gpu") == cpu.pop("onnxruntime")
    assert gpu == cpu


def test_bases_are_pinned():
    """Bases have a version, and CUDA is the one that ONNX Runtime is linked against."""
    cuda = build_and_package_info.cuda_version.partition(".")[0]

    assert {"PYTHON_IMAGE", "CUDA_IMAGE"} == arguments().keys()
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", arguments()["PYTHON_IMAGE"])
    assert re.fullmatch(rf"nvidia/cuda:{cuda}\.\d+\.\d+-cudnn-runtime-ubuntu\d\d\.04", arguments()["CUDA_IMAGE"])


@pytest.mark.parametrize("name", FINAL)
def test_final_stages_only_receive(name):
    """What runs is copied from stages that build: no compiler, pip or index is called in it, and it is not root."""
    stage = stages()[name]
    commands = " ".join(stage.told("RUN") + stages()["python"].told("RUN"))

    assert {"/venv", "/usr/share/nodelens/sbom.json"} <= {copied.split()[-1] for copied in stage.told("COPY")}
    assert all(copied.startswith("--from=") for copied in stage.told("COPY"))
    assert not re.search(r"pip (install|wheel)|gcc|build-essential|curl|wget|git ", commands)
    assert "rm -rf /usr/local/bin/pip* " in commands
    assert ["10001:10001"] == stage.told("USER")
    assert ["SIGTERM"] == stage.told("STOPSIGNAL")


@pytest.mark.parametrize("name", [f"{name}-venv" for name in FINAL])
def test_what_is_installed_is_checked_and_listed(name):
    """Dependencies come by their hashes, our own wheel without others, and all of it is listed."""
    runs = " ".join(stages()[name].told("RUN"))

    assert f"install --require-hashes --requirement /requirements/{name.removesuffix('-venv')}.txt" in runs
    assert "install --no-deps --no-index /wheels/*.whl" in runs
    assert "cyclonedx-py environment" in runs
    assert 2 == runs.count(" install ")


def test_both_services_run_alike():
    """With and without CUDA the image says the same of how it runs, and what it is."""
    gpu, cpu = (stages()[name] for name in SERVERS)
    cpu = [*stages()["python"].instructions, *cpu.instructions]
    for word in ("ENV", "LABEL", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "ARG"):
        assert [rest for each, rest in cpu if each == word] == gpu.told(word)


@pytest.mark.parametrize("name", FINAL)
def test_nothing_is_told_to_makers(name):
    """Libraries that would report how they are used are told not to."""
    told = " ".join(stages()["python"].told("ENV") + stages()[name].told("ENV"))

    assert "ORT_DISABLE_TELEMETRY=1" in told
    assert ("RAY_USAGE_STATS_ENABLED=0" in told) == (name == "training")


def test_labels_tell_the_version():
    """The version of an image is that of the package, unless the build says otherwise."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert [f"VERSION={version}", "REVISION=unknown"] == stages()["python"].told("ARG")


@pytest.mark.parametrize("name", SERVERS)
def test_the_entry_point_is_a_command_line_of_the_server(name):
    """The server takes the words of the image, listens where the image says, and is asked there for its health."""
    stage = stages()[name]
    program, *words = stage.words("ENTRYPOINT")
    settings = Settings.from_arguments([*words, *TLS])
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]

    assert "service.serve:main" == scripts[program]
    assert [f"{settings.port} {settings.security.health_port} {settings.metrics_port}"] == stage.told("EXPOSE")
    assert ("0.0.0.0", "0.0.0.0") == (settings.host, settings.security.metrics_host)
    assert f"127.0.0.1:{settings.security.health_port}" == probe.ADDRESS
    assert ["python", "-m", probe.__name__] == stage.words("HEALTHCHECK")


def test_the_server_says_itself_that_it_needs_a_decision():
    """Without certificates, and without being told that something else encrypts, the image does not serve."""
    _, *words = stages()["service"].words("ENTRYPOINT")

    with pytest.raises(CannotStart, match="--allow-plaintext"):
        Settings.from_arguments(words)


def test_only_what_is_built_is_sent():
    """Neither models nor data, secrets or history reach the builder."""
    lines = (ROOT / ".dockerignore").read_text().split()

    assert "**" == lines[0]
    assert {"pyproject.toml", "README.md", "LICENSE", "imaging", "service", "training", "protos", "requirements"} == {
        line[1:] for line in lines if line.startswith("!")
    }


@pytest.mark.parametrize(
    ("name", "extras"),
    [
        ("service", {"service", "pacs", "tracing"}),
        ("training", {"service", "batch", "ray", "training", "tune", "tracing"}),
    ],
)
def test_locks_are_what_the_package_asks_for(name, extras):
    """All that pyproject.toml wants of these extras is locked, in a version that it takes; where not: make lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    locked = lock(name)
    missed = [
        line
        for line, asked in ((line, Requirement(line)) for line in wanted)
        if locked.get(normal(asked.name), ("0", 0))[0] not in asked.specifier
    ]

    assert [] == missed
