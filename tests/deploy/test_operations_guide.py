"""The operations guide: its commands do what it says."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grpc
import pytest
import SimpleITK as sitk
import trustme

from imaging.itk import image_from
from imaging.ledger import read_ledger
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from service.metrics import Metrics
from tests.deploy.alerting import recorded
from tests.service.conftest import models  # noqa: F401 -- a fixture
from tests.service.models.published import variant
from tests.service.opinions import submission
from tests.service.scans import scan
from tests.service.security.authorities import write_pair
from tests.service.servers import running_server

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "deploy" / "README.md").read_text()
RUN = re.findall(r"^```bash run\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
PROGRAMS = ("bash", "cmp", "curl", "flock", "install", "openssl")
GENEROUS_S = 300.0


@pytest.fixture
def site(models, tmp_path):  # noqa: F811
    """A folder with what an operator has: models and a new one, a CT, a certificate, and our commands."""
    for program in PROGRAMS:
        if not shutil.which(program):
            pytest.skip(f"needs {program}")
    shutil.copytree(models / "cnn-gap" / "1", tmp_path / "models" / "cnn-gap" / "1")
    (tmp_path / "new").mkdir()
    content = (models / "cnn-gap" / "1" / "model.onnx").read_bytes()
    (tmp_path / "new" / "model.onnx").write_bytes(variant(content, version=2))
    volume, mask = scan()
    sitk.WriteImage(image_from(volume.hu, volume.geometry), tmp_path / "ct.nii.gz")
    sitk.WriteImage(image_from(mask.labels, mask.geometry), tmp_path / "mask.nii.gz")
    write_pair(trustme.CA(), tmp_path)
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    for name, target in scripts.items():
        module, function = target.split(":")
        code = f"from {module} import {function} as main; raise SystemExit(main())"
        write_command(tmp_path / "bin" / name, f"#!{sys.executable}\n{code}\n")
    write_command(tmp_path / "bin" / "python", f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    return tmp_path


def write_command(path, text):
    """A program of a script's text."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def test_each_command_does_what_it_says(site):
    """All that is marked to be run, one after the other: checks, tokens, upgrade, rollback, backup, first looks."""
    options = ("--poll-seconds", "0.1", "--reviews", str(site / "reviews.jsonl"))
    with running_server(site / "models", log := site / "log.jsonl", *options) as server:
        with grpc.insecure_channel(server.address) as channel:
            NodeClassifierServiceStub(channel).SubmitReview(submission())
        told = {"SERVER": server.address, "METRICS": server.metrics_url, "LOG": str(log), "PYTHONPATH": str(ROOT)}
        environ = {**os.environ, **told, "PATH": f"{site / 'bin'}:{os.environ['PATH']}"}
        for block in RUN:
            words = ["bash", "-euo", "pipefail", "-c", block]
            done = subprocess.run(
                words, cwd=site, env=environ, capture_output=True, text=True, timeout=GENEROUS_S, check=False
            )
            assert 0 == done.returncode, f"{block}\n{done.stdout}\n{done.stderr}"
    ledger = read_ledger(site / "reviews.jsonl")

    assert len(RUN) >= 7
    assert (site / "scores" / "findings.json").is_file()
    assert (site / "scores-again" / "findings.json").is_file()
    assert re.fullmatch(r"sha256:[0-9a-f]{64} review,score pacs\n", (site / "tokens").read_text())
    assert f"revision 1, head {ledger.head}\n" == (site / "backup" / "reviews.head").read_text()
    assert (site / "retired" / "cnn-gap-2" / "model.onnx").is_file()


def test_options_are_options():
    """Each that is named alone belongs to the server or to the client that scores."""
    told = ""
    for module in ("service.serve", "service.score"):
        words = [sys.executable, "-c", f"from {module} import main; main(['--help'])"]
        told += subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = set(re.findall(r"`(--[a-z-]+)[ `]", GUIDE))

    assert len(named) > 10
    assert {option for option in named if not re.search(rf"{option}\b", told)} == set()


def test_metrics_are_metrics():
    """Each that is named is the server's, or recorded by a rule."""
    families = Metrics().registry.collect()
    names = {f"{each.name}_total" if each.type == "counter" else each.name for each in families}
    named = set(re.findall(r"\bnodelens_[a-z_]+", GUIDE))

    assert len(named) > 4
    assert set() == named - names - recorded()


def test_there_is_a_place_for_the_capacity():
    """The bench finds the marks between which it writes."""
    assert 1 == len(re.findall(r"^<!-- capacity -->\n.*^<!-- /capacity -->$", GUIDE, re.MULTILINE | re.DOTALL))
