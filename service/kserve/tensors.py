"""Tensors on the wire, and what they mean."""

from collections.abc import Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from inference import open_inference_pb2 as messages
from service.faults import InvalidRequest, Reason
from service.kserve.graph import Signature, Tensor

DATATYPE = "FP32"
FLOAT32 = np.dtype("<f4")

MOST_SLICES = 256
"""Of one request; more bring no speed, and hold up those who wait."""

MOST_AXES = 8
"""Of a wrong shape that is repeated to the caller: statuses must be short."""

LEEWAY = 1e-3
"""How far a crop may leave [0, 1]: a caller who resizes on his own may overshoot a little."""

SHARED_MEMORY, CLASSES = "shared_memory_region", "classification"
"""Parameters of Triton's clients that ask for what is not offered here."""


def crops_from(request: messages.ModelInferRequest, expected: Tensor) -> NDArray[np.float32]:
    """
    The crops of a request, (slices, 1, rows, columns).

    Args:
        request: As sent.
        expected: What the network takes.

    Raises:
        InvalidRequest: they are not what the network takes; the field is named.
    """
    if len(request.inputs) != 1:
        raise _invalid("inputs", f"must be one tensor, {expected.name!r}, got {len(request.inputs)}")
    [sent] = request.inputs
    if sent.name != expected.name:
        raise _invalid("inputs[0].name", f"the network takes {expected.name!r}")
    if sent.datatype != DATATYPE:
        raise _invalid("inputs[0].datatype", f"must be {DATATYPE}")
    _require_plain(sent.parameters, "inputs[0].parameters")
    shape = _shape_from(sent.shape, expected)
    crops = _values_from(request, shape)
    # Written so that NaN fails too.
    if not (crops.min() >= -LEEWAY and crops.max() <= 1 + LEEWAY):
        raise _invalid(
            "inputs[0]", "values must lie in [0, 1]: crops are windowed as the model's manifest says, not in HU"
        )
    return crops


def outputs_wanted(request: messages.ModelInferRequest, signature: Signature) -> tuple[str, ...]:
    """
    The names of the outputs that a request wants, each once; all where it names none.

    Raises:
        InvalidRequest: the network has no such output, or it is wanted in another form.
    """
    known = [tensor.name for tensor in signature.outputs]
    for n, wanted in enumerate(request.outputs):
        if wanted.name not in known:
            raise _invalid(f"outputs[{n}].name", f"the network gives {', '.join(known)}")
        _require_plain(wanted.parameters, f"outputs[{n}].parameters")
    return tuple(dict.fromkeys(wanted.name for wanted in request.outputs)) or tuple(known)


def tensor_message(name: str, values: NDArray[np.float32]) -> messages.ModelInferResponse.InferOutputTensor:
    """What is said about an output; its values are sent apart."""
    return messages.ModelInferResponse.InferOutputTensor(name=name, datatype=DATATYPE, shape=values.shape)


def raw(values: NDArray[np.float32]) -> bytes:
    """The values as they are sent, the last axis fastest."""
    return np.ascontiguousarray(values, dtype=FLOAT32).tobytes()


def signature_messages(tensors: Iterable[Tensor]) -> list[messages.ModelMetadataResponse.TensorMetadata]:
    """What is said about what a network takes or gives."""
    return [
        messages.ModelMetadataResponse.TensorMetadata(name=tensor.name, datatype=DATATYPE, shape=tensor.shape)
        for tensor in tensors
    ]


def _shape_from(sent: Sequence[int], expected: Tensor) -> tuple[int, ...]:
    count, *rest = sent or [0]
    if tuple(rest) != expected.shape[1:]:
        axes = ", ".join(map(str, expected.shape[1:]))
        got = list(sent) if len(sent) <= MOST_AXES else f"{len(sent)} axes"
        raise _invalid("inputs[0].shape", f"must be [N, {axes}], got {got}")
    if not 1 <= count <= MOST_SLICES:
        raise _invalid("inputs[0].shape[0]", f"must be from 1 to {MOST_SLICES}, got {count}; send several requests")
    return (count, *rest)


def _values_from(request: messages.ModelInferRequest, shape: tuple[int, ...]) -> NDArray[np.float32]:
    needed = int(np.prod(shape))
    contents = request.inputs[0].contents
    if not request.raw_input_contents:
        if len(contents.fp32_contents) != needed:
            sent = len(contents.fp32_contents)
            raise _invalid("inputs[0].contents.fp32_contents", f"the shape needs {needed} values, {sent} were sent")
        return np.array(contents.fp32_contents, dtype=np.float32).reshape(shape)
    if contents.ByteSize() or len(request.raw_input_contents) != 1:
        raise _invalid("raw_input_contents", "must be one entry for the one input, and its contents empty")
    [data] = request.raw_input_contents
    if len(data) != needed * FLOAT32.itemsize:
        raise _invalid(
            "raw_input_contents[0]", f"the shape needs {needed * FLOAT32.itemsize} bytes, {len(data)} were sent"
        )
    return np.frombuffer(data, dtype=FLOAT32).reshape(shape)


def _require_plain(parameters: Collection[str], field: str) -> None:
    for name in (SHARED_MEMORY, CLASSES):
        if name in parameters:
            raise _invalid(f"{field}[{name}]", "is not offered by this server")


def _invalid(field: str, message: str) -> InvalidRequest:
    return InvalidRequest(field, message, Reason.INVALID_TENSOR)
