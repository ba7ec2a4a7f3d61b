"""A network as its file has it."""

import numpy as np
import pytest

from service.kserve.graph import ANY_SIZE, Signature, Tensor
from service.model import Device, load_model


@pytest.fixture(scope="module")
def model(models):
    """A small model."""
    return load_model(models / "cnn" / "1" / "model.onnx", Device.CPU, 1)


def test_a_signature_is_read_from_the_file(model):
    """One input and three outputs; the count of slices is the caller's."""
    signature = Signature.of(model)

    assert Tensor("crops", (ANY_SIZE, 1, 32, 32)) == signature.crops
    assert ["logits", "heatmaps", "evidence"] == [tensor.name for tensor in signature.outputs]
    assert (ANY_SIZE, 1) == signature.outputs[0].shape


def test_outputs_come_in_the_order_asked_for(model):
    """Heat maps are the evidence without what speaks against metastasis."""
    crops = np.random.default_rng(0).random((4, 1, 32, 32), dtype=np.float32)
    heatmaps, evidence = model.session.run_for(["heatmaps", "evidence"], crops)

    assert (4, 8, 8) == evidence.shape
    np.testing.assert_array_equal(np.maximum(evidence, 0), heatmaps)
