"""A graph that does as its input tells it: answers, takes its time, never ends, or fails."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from imaging.golden import GOLDEN_KEY, GoldenCases, golden_digest
from imaging.manifest import METADATA_KEY
from imaging.spec import PreprocessingSpec
from service.model import Device, Model, load_model
from tests.imaging.manifests import manifest

SPEC = PreprocessingSpec(side_mm=24.0, input_shape_px=(8, 8))
QUICK = 0.5
SLOW = 0.99 + 3e-6
ENDLESS = 1.0
FAILING = -5.0


def write_obedient(path: Path, slices: int | str = "N") -> Path:
    """
    A model file whose logit of a slice is its mean, and whose heat map is the slice itself.

    A batch with a slice that is brighter than 0.99 throughout turns in a loop, for hours where it is 1. A batch with a
    value below -1 fails. Batches are of any size unless it is given.
    """
    crops = np.full((1, 1, 8, 8), QUICK, np.float32)
    text = GoldenCases(crops, crops[:, 0, 0, :1], crops[:, 0]).to_text()
    told = manifest(name="obedient", network="cnn", preprocessing=SPEC, golden_digest=golden_digest(text))
    model = helper.make_model(_graph(slices), opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    helper.set_model_props(model, {METADATA_KEY: told.to_json(), GOLDEN_KEY: text})
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
    return path


def obedient(folder: Path, slices: int | str = "N") -> Model:
    """The same, loaded."""
    return load_model(write_obedient(folder / "obedient" / "1" / "model.onnx", slices), Device.CPU, 1)


def crop(value: float, slices: int = 1) -> np.ndarray:
    """A crop of one value."""
    return np.full((slices, *SPEC.input_shape_px), value, np.float32)


def _graph(slices: int | str) -> onnx.GraphProto:
    inputs = [_info("crops", [slices, 1, 8, 8])]
    outputs = [_info("logits", [slices, 1]), _info("heatmaps", [slices, 8, 8])]
    constants = [
        helper.make_tensor("limit", TensorProto.FLOAT, [], [0.99]),
        helper.make_tensor("turns_of", TensorProto.FLOAT, [], [1e11]),
        helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0]),
        helper.make_tensor("table", TensorProto.FLOAT, [1], [0.0]),
        helper.make_tensor("planes", TensorProto.INT64, [3], [1, 2, 3]),
        helper.make_tensor("sides", TensorProto.INT64, [2], [2, 3]),
        helper.make_tensor("channel", TensorProto.INT64, [1], [1]),
    ]
    node = helper.make_node
    nodes = [
        node("ReduceMin", ["crops", "planes"], ["darkest"], keepdims=0),
        node("ReduceMax", ["darkest"], ["brightness"], keepdims=0),
        node("Sub", ["brightness", "limit"], ["beyond"]),
        node("Relu", ["beyond"], ["excess"]),
        node("Mul", ["excess", "turns_of"], ["turns"]),
        node("Cast", ["turns"], ["turn_count"], to=TensorProto.INT64),
        node("Loop", ["turn_count", "", "crops"], ["turned"], body=_body()),
        node("ReduceMin", ["crops"], ["lowest"], keepdims=0),
        node("Min", ["lowest", "zero"], ["place"]),
        node("Cast", ["place"], ["index"], to=TensorProto.INT64),
        node("Gather", ["table", "index"], ["nothing"]),
        node("Add", ["turned", "nothing"], ["same"]),
        node("ReduceMean", ["same", "sides"], ["logits"], keepdims=0),
        node("Squeeze", ["same", "channel"], ["heatmaps"]),
    ]
    return helper.make_graph(nodes, "obedient", inputs, outputs, initializer=constants)


def _body() -> onnx.GraphProto:
    given = [_info("turn", [], TensorProto.INT64), _info("on", [], TensorProto.BOOL), _info("carried", None)]
    kept = [_info("still_on", [], TensorProto.BOOL), _info("kept", None)]
    nodes = [helper.make_node("Identity", [a], [b]) for a, b in (("on", "still_on"), ("carried", "kept"))]
    return helper.make_graph(nodes, "turn", given, kept)


def _info(name: str, shape: list[int | str] | None, kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)
