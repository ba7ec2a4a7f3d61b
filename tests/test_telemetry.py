"""What libraries would tell their makers."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.service.models import write_models

LOADS = {
    "service": "from service.inference.session import Session; Session(Path(sys.argv[1]), 1, None)",
    "training": "import training.onnx_file, onnxruntime; onnxruntime.InferenceSession(sys.argv[1])",
}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model file."""
    return write_models(tmp_path_factory.mktemp("models")) / "cnn" / "1" / "model.onnx"


@pytest.mark.parametrize("package", LOADS)
def test_onnx_runtime_keeps_no_account(package, model, tmp_path):
    """Whoever loads a model leaves no identifier of the machine and no events that wait to be sent."""
    code = f"import sys; from pathlib import Path; {LOADS[package]}"
    places = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(tmp_path))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")} | places
    subprocess.run([sys.executable, "-c", code, model], cwd=ROOT, env=environment, check=True)
    traces = [path for path in tmp_path.rglob("*") if "onnxruntime" in str(path) or path.name == ".ses"]

    assert [] == traces
