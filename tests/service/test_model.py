"""Model files in ONNX Runtime."""

import hashlib

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from imaging.golden import GOLDEN_KEY, GoldenCases, golden_digest
from imaging.manifest import METADATA_KEY, Manifest
from service.faults import CannotStart, UnusableModel
from service.model import BATCH_SLICES, CUDA, Device, load_model
from tests.training.networks.trained import crops_of, trained_network


@pytest.fixture
def path(models):
    """A file that can be served."""
    return models / "cnn-gap" / "1" / "model.onnx"


def changed(path, target, change):
    """A copy of a model file with other metadata."""
    model = onnx.load(path)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, change(metadata))
    onnx.save(model, target)
    return target


def other_answers(metadata):
    """Metadata whose golden heat maps are a thousandth larger than the network's."""
    manifest = Manifest.from_json(metadata[METADATA_KEY])
    cases = GoldenCases.from_text(metadata[GOLDEN_KEY], manifest.golden_digest)
    text = GoldenCases(cases.crops, cases.logits, cases.heatmaps * np.float32(1.001)).to_text()
    told = metadata[METADATA_KEY].replace(manifest.golden_digest, golden_digest(text))
    return {METADATA_KEY: told, GOLDEN_KEY: text}


def test_the_file_is_all_that_is_needed(path):
    """Name, version, digest and preprocessing come from the file."""
    model = load_model(path, Device.CPU, 1)

    assert ("cnn-gap", 1) == (model.ref.name, model.ref.version)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == model.ref.digest
    assert (32, 32) == model.manifest.preprocessing.input_shape_px


def test_answers_are_the_networks(path):
    """Slices of several nodes, more than a batch holds, get what torch says, each node its own."""
    crops = crops_of(32, BATCH_SLICES + 8, seed=4)[0][:, 0]
    answers = load_model(path, Device.CPU, 1).answers([crops[:3], crops[3:4], crops[4:]])
    with torch.inference_mode():
        expected = trained_network("cnn-gap").explained(torch.from_numpy(crops[:, None]))

    assert [3, 1, BATCH_SLICES + 4] == [len(answer.logits) for answer in answers]
    np.testing.assert_allclose(np.concatenate([a.logits for a in answers]), expected.logits[:, 0], rtol=1e-5, atol=1e-5)
    heatmaps = np.concatenate([a.heatmaps for a in answers])
    np.testing.assert_allclose(heatmaps, expected.heatmaps, atol=1e-5 * float(expected.heatmaps.max()))


def test_no_crops_no_answers(path):
    """Without crops the network is not run."""
    assert [] == load_model(path, Device.CPU, 1).answers([])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda metadata: {"other": "1"}, "no NodeLens manifest"),
        (lambda metadata: {**metadata, METADATA_KEY: "{}"}, "not a manifest"),
        (
            lambda metadata: {
                **metadata,
                METADATA_KEY: metadata[METADATA_KEY].replace('"version": 1\n', '"version": 2\n'),
            },
            "preprocessing version 2 is asked for, this release does 1",
        ),
        (lambda metadata: {**metadata, GOLDEN_KEY: "AAAA"}, "not the ones its manifest names"),
        (other_answers, "heat maps of the golden cases differ by 1.0e-03"),
    ],
)
def test_files_that_cannot_be_trusted_are_refused(path, tmp_path, change, message):
    """Foreign files, other preprocessing versions, and networks that answer otherwise than at their export."""
    with pytest.raises(UnusableModel, match=message):
        load_model(changed(path, tmp_path / "model.onnx", change), Device.CPU, 1)


@pytest.mark.skipif(CUDA in onnxruntime.get_available_providers() and torch.cuda.is_available(), reason="CUDA is here")
def test_cuda_is_not_pretended(path):
    """Where there is no CUDA, asking for it is an error, and auto computes on the CPU."""
    with pytest.raises(CannotStart, match="use --device auto or cpu"):
        load_model(path, Device.CUDA, 1)
    assert "CPUExecutionProvider" == load_model(path, Device.AUTO, 1).provider
