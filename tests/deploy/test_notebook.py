"""The notebook, against a real server."""

import os

import nbformat
import pytest
from nbclient import NotebookClient

from imaging.files import write_image
from tests.conftest import ROOT
from tests.service.models import write_models
from tests.service.scans import scan
from tests.service.servers import running_server

NOTEBOOK = ROOT / "deploy" / "notebook" / "score.ipynb"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with models, of which the first is the default."""
    folder = tmp_path_factory.mktemp("server")
    models = write_models(folder / "models")
    with running_server(models, folder / "log", "--default-model", "cnn-gap", "--allow-research") as running:
        yield running


def test_the_notebook_runs_from_top_to_bottom(server, tmp_path, monkeypatch):
    """It shows the warning, the table, and a picture of each scored node."""
    volume, mask = scan()
    write_image(tmp_path / "ct.nii.gz", volume.hu, volume.geometry)
    write_image(tmp_path / "mask.nii.gz", mask.labels, mask.geometry)
    places = {"SERVER": server.address, "CT": tmp_path / "ct.nii.gz", "MASK": tmp_path / "mask.nii.gz"}
    for name, value in places.items():
        monkeypatch.setenv(f"NODELENS_{name}", str(value))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "protos")]))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    done = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    outputs = [output for cell in done.cells if cell.cell_type == "code" for output in cell.outputs]
    shown = "".join(output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs)

    assert "WARNING: " in shown
    assert "metastatic" in shown
    assert 2 == sum("image/png" in output.get("data", {}) for output in outputs)


def test_the_notebook_is_kept_without_results():
    """What a reader sees there was found by them, and not by somebody else."""
    cells = [cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]

    assert not any(cell.outputs or cell.execution_count for cell in cells)
