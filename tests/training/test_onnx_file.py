"""The exported file is the network."""

import logging

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
from training.onnx_file import GOLDEN_COUNT, traced, write_model


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
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("name", NETWORK_NAMES)
@pytest.mark.parametrize("batch", [1, 2, 17])
def test_the_file_answers_as_the_network(exported, name, batch):
    """Logits, maps and evidence agree with torch to 1e-5, for any batch."""
    crops = crops_of(SIDE[name], 17, seed=5)[0][-batch:]
    with torch.inference_mode():
        expected = trained_network(name).explained(torch.from_numpy(crops))
    actual = session_of(exported / name / "model.onnx").run(list(Explained._fields), {"crops": crops})

    for ours, theirs in zip(expected, actual, strict=True):
        scale = float(ours.abs().max()) or 1.0
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


def test_the_file_has_the_documented_inputs_and_outputs(exported):
    """Crops in; logits, heatmaps and evidence out; any number of crops in all of them."""
    session = session_of(exported / "cnn" / "model.onnx")

    assert [("crops", ["N", 1, 32, 32])] == [(i.name, i.shape) for i in session.get_inputs()]
    assert [("logits", ["N", 1]), ("heatmaps", ["N", 8, 8]), ("evidence", ["N", 8, 8])] == [
        (o.name, o.shape) for o in session.get_outputs()
    ]


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_the_file_tells_nothing_of_the_machine_that_wrote_it(exported, name):
    """No path and no stack trace of the training machine is in the file."""
    content = (exported / name / "model.onnx").read_bytes()

    assert [] == [word for word in (b"stack_trace", b"onnx_file.py", b"site-packages") if word in content]


class Deceptive(CnnGap):
    """A network whose exported graph changes one output, and that only for a white crop."""

    def __init__(self, output):
        super().__init__((32, 32))
        self.changed = output

    def explained(self, crops):
        """The truth, but under the exporter."""
        truth = super().explained(crops)
        if not torch.compiler.is_exporting():
            return truth
        values = getattr(truth, self.changed)
        white = (crops.flatten(1).amin(dim=1) > 0.99).to(crops.dtype).reshape(-1, *[1] * (values.ndim - 1))
        return truth._replace(**{self.changed: values + 1e-3 * white})


@pytest.mark.parametrize("output", Explained._fields)
def test_a_file_that_differs_is_not_written(tmp_path, output):
    """Where one output differs for one of many crops, the export fails, leaves no trace and no former file's loss."""
    torch.manual_seed(0)
    crops = np.concatenate([crops_of(32, 39)[0], np.ones((1, 1, 32, 32), np.float32)])
    former = tmp_path / "1" / "model.onnx"
    former.parent.mkdir()
    former.write_bytes(b"former")

    for path in (tmp_path / "2" / "model.onnx", former):
        with pytest.raises(ExportMismatch, match="differs from the network by"):
            write_model(Deceptive(output), manifest(), crops, path)
    assert [former.parent, former] == sorted(tmp_path.rglob("*"))
    assert former.read_bytes() == b"former"


def test_an_honest_network_passes_the_same_comparison(tmp_path):
    """The same crops let the same network through where nothing is changed."""
    torch.manual_seed(0)
    crops = np.concatenate([crops_of(32, 39)[0], np.ones((1, 1, 32, 32), np.float32)])
    network = CnnGap((32, 32)).train()
    write_model(network, manifest(), crops, tmp_path / "model.onnx")

    assert [tmp_path / "model.onnx"] == list(tmp_path.iterdir())
    assert not network.training


def test_the_differences_are_told():
    """How far file and network are apart, and on how many crops, is known before anything is written."""
    model = traced(trained_network("cnn-gap"), crops_of(SIDE["cnn-gap"], 7)[0])

    assert 7 == model.crop_count
    assert 0 <= model.probability_difference <= 1e-5
    assert 0 <= model.heatmap_difference <= 1e-5
    assert [] == list(model.graph.metadata_props)


def test_the_exporter_keeps_quiet(caplog):
    """Who asks for a file is not told of every node that was folded on the way."""
    caplog.set_level(logging.INFO)

    traced(trained_network("cnn"), crops_of(SIDE["cnn"], 2)[0])

    assert [] == [record.name for record in caplog.records if record.name.startswith(("onnx", "torch.onnx"))]


def test_a_network_that_answers_nan_is_not_written(tmp_path):
    """NaN on both sides is no agreement."""
    network = CnnGap((32, 32))
    torch.nn.init.constant_(network.output.bias, float("nan"))

    with pytest.raises(ExportMismatch):
        write_model(network, manifest(), crops_of(32, 2)[0], tmp_path / "model.onnx")
    assert [] == list(tmp_path.iterdir())


def test_nothing_is_written_without_crops_to_compare(tmp_path):
    """An export without held-out crops is refused: nothing would have been compared."""
    with pytest.raises(ExportMismatch, match="no held-out crops"):
        write_model(CnnGap((32, 32)), manifest(), crops_of(32, 0)[0], tmp_path / "model.onnx")
    assert [] == list(tmp_path.iterdir())
