"""The exported file is the network."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from imaging.golden import GOLDEN_KEY, GoldenCases
from imaging.manifest import METADATA_KEY, Manifest
from tests.imaging.manifests import manifest
from tests.training.networks.trained import SIDE, crops_of, trained_network
from training.errors import ExportMismatch
from training.networks.catalogue import NETWORK_NAMES
from training.networks.cnn import CnnGap
from training.networks.network import Explained
from training.onnx_file import GOLDEN_COUNT, write_model


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The files of all networks, by name."""
    folder = tmp_path_factory.mktemp("exported")
    for name in NETWORK_NAMES:
        write_model(
            trained_network(name), manifest(name=name), crops_of(SIDE[name], 6)[0], folder / name / "model.onnx"
        )
    return folder


def session_of(path):
    """The file in ONNX Runtime on the CPU."""
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("name", NETWORK_NAMES)
@pytest.mark.parametrize("batch", [1, 2, 17])
def test_the_file_answers_as_the_network(exported, name, batch):
    """Logits, maps and evidence agree with torch to 1e-5, for any batch."""
    crops = crops_of(SIDE[name], batch, seed=5)[0]
    with torch.inference_mode():
        expected = trained_network(name).explained(torch.from_numpy(crops))
    actual = session_of(exported / name / "model.onnx").run(list(Explained._fields), {"crops": crops})

    for ours, theirs in zip(expected, actual, strict=True):
        scale = max(float(ours.abs().max()), 1e-3)
        np.testing.assert_allclose(theirs / scale, ours.numpy() / scale, atol=1e-5)


def test_the_file_is_whole_and_explains_itself(exported):
    """One file, opset and metadata valid; manifest and golden cases read back, and the cases hold."""
    path = exported / "cnn-gap" / "model.onnx"
    properties = {entry.key: entry.value for entry in onnx.load(path, load_external_data=False).metadata_props}
    read = Manifest.from_json(properties[METADATA_KEY])
    golden = GoldenCases.from_text(properties[GOLDEN_KEY], read.golden_digest)
    logits, heatmaps = session_of(path).run(["logits", "heatmaps"], {"crops": golden.crops})

    assert [path] == list(path.parent.iterdir())
    assert read.name == "cnn-gap"
    assert len(golden.crops) == GOLDEN_COUNT
    np.testing.assert_allclose(logits, golden.logits, atol=1e-5)
    np.testing.assert_allclose(heatmaps, golden.heatmaps, atol=1e-5)


class Deceptive(CnnGap):
    """A network whose exported graph differs from what it answers."""

    def weighted_head(self, features):
        """Weights that grow by 0.1 % under the exporter."""
        logits, weights = super().weighted_head(features)
        return logits, weights * (1.001 if torch.compiler.is_exporting() else 1.0)


def test_a_file_that_differs_is_not_written(tmp_path):
    """Where a map differs from the network's, the export fails and leaves nothing."""
    torch.manual_seed(0)
    path = tmp_path / "models" / "cnn-gap" / "1" / "model.onnx"

    with pytest.raises(ExportMismatch, match="in heat maps; nothing was written"):
        write_model(Deceptive((32, 32)), manifest(), crops_of(32, 6)[0], path)
    assert list(path.parent.iterdir()) == []
