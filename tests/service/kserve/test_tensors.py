"""Tensors on the wire."""

import numpy as np
import pytest

from inference import open_inference_pb2 as messages
from service.faults import InvalidRequest
from service.kserve.graph import Signature, Tensor
from service.kserve.tensors import crops_from, outputs_wanted, raw, signature_messages, tensor_message

EXPECTED = Tensor("crops", (-1, 1, 2, 3))
SIGNATURE = Signature(EXPECTED, (Tensor("logits", (-1, 1)), Tensor("heatmaps", (-1, 2, 2))))
CROPS = np.linspace(0, 1, 12, dtype=np.float32).reshape(2, 1, 2, 3)


def request(as_bytes: bool = True) -> messages.ModelInferRequest:
    """A request for two crops, as bytes or as numbers."""
    asked = messages.ModelInferRequest()
    sent = asked.inputs.add(name="crops", datatype="FP32", shape=CROPS.shape)
    if as_bytes:
        asked.raw_input_contents.append(CROPS.tobytes())
    else:
        sent.contents.fp32_contents.extend(CROPS.ravel().tolist())
    return asked


@pytest.mark.parametrize("as_bytes", [True, False])
def test_crops_come_as_bytes_or_as_numbers(as_bytes):
    """Both are the same crops."""
    np.testing.assert_array_equal(CROPS, crops_from(request(as_bytes), EXPECTED))


def shared(asked):
    """Crops in shared memory."""
    asked.inputs[0].parameters["shared_memory_region"].string_param = "crops"


def doubled(asked):
    """Crops as bytes and as numbers too."""
    asked.inputs[0].contents.fp32_contents.append(0.5)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        (lambda asked: asked.inputs.add(name="mask"), "inputs", "must be one tensor"),
        (lambda asked: asked.ClearField("inputs"), "inputs", "must be one tensor"),
        (lambda asked: asked.inputs[0].ClearField("shape"), "inputs[0].shape", r"must be \[N, 1, 2, 3\]"),
        (lambda asked: asked.inputs[0].shape.extend([1] * 9999), "inputs[0].shape", "got 10003 axes"),
        (lambda asked: asked.inputs[0].shape.__setitem__(0, 0), "inputs[0].shape[0]", "from 1 to 256"),
        (lambda asked: asked.inputs[0].shape.__setitem__(0, -1), "inputs[0].shape[0]", "from 1 to 256"),
        (lambda asked: asked.inputs[0].shape.__setitem__(0, 2**62), "inputs[0].shape[0]", "from 1 to 256"),
        (lambda asked: asked.inputs[0].shape.__setitem__(0, 3), "raw_input_contents[0]", "72 bytes, 48 were sent"),
        (lambda asked: asked.raw_input_contents.append(b""), "raw_input_contents", "one entry"),
        (lambda asked: asked.ClearField("raw_input_contents"), "inputs[0].contents.fp32_contents", "12 values, 0"),
        (shared, "inputs[0].parameters[shared_memory_region]", "not offered"),
        (doubled, "raw_input_contents", "its contents empty"),
    ],
)
def test_what_does_not_fit_is_refused(change, field, words):
    """The field is named, and what it must be."""
    asked = request()
    change(asked)

    with pytest.raises(InvalidRequest, match=words) as error:
        crops_from(asked, EXPECTED)
    assert field == error.value.field


def test_outputs_are_those_asked_for():
    """Each once and in their order; all where none is named."""
    asked = request()
    assert ("logits", "heatmaps") == outputs_wanted(asked, SIGNATURE)
    for name in ("heatmaps", "logits", "heatmaps"):
        asked.outputs.add(name=name)

    assert ("heatmaps", "logits") == outputs_wanted(asked, SIGNATURE)


def test_outputs_in_another_form_are_refused():
    """Triton's classes are not offered."""
    asked = request()
    asked.outputs.add(name="logits").parameters["classification"].int64_param = 1

    with pytest.raises(InvalidRequest, match="not offered") as error:
        outputs_wanted(asked, SIGNATURE)
    assert "outputs[0].parameters[classification]" == error.value.field


def test_an_output_survives_the_wire():
    """Its shape and bytes give the array back, whatever its layout in memory."""
    values = np.arange(6, dtype=np.float32).reshape(2, 3).T
    told = tensor_message("logits", values)

    np.testing.assert_array_equal(values, np.frombuffer(raw(values), "<f4").reshape(told.shape))


def test_a_signature_is_told_with_types():
    """Every tensor is of 32-bit numbers; a free axis is -1."""
    [told] = signature_messages([EXPECTED])

    assert ("crops", "FP32", [-1, 1, 2, 3]) == (told.name, told.datatype, list(told.shape))
