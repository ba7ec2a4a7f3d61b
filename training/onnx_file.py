"""The model file: a network as ONNX, with its manifest and golden cases."""

import logging
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from imaging.atomic import replacing
from imaging.golden import GOLDEN_KEY, GoldenCases, golden_digest
from imaging.manifest import METADATA_KEY, Manifest
from training.errors import ExportMismatch
from training.networks.network import Explained, NodeNetwork

GOLDEN_COUNT = 4
"""Crops that the model file carries; few, because each is as large as the network's input."""

PROBABILITY_TOLERANCE = 1e-5
"""Largest difference of a probability between torch and the ONNX file."""

HEATMAP_TOLERANCE = 1e-5
"""Largest difference of a heat map, as a share of the largest evidence among all crops."""

BATCH = 32

QUIET = ("torch.onnx._internal.exporter._registration", "onnxscript", "onnx_ir")
"""
Loggers of the exporter: the first says, four times, that it cannot translate operators of torchvision, which is not
there; the others tell of every node that they fold.
"""


class _Exported(nn.Module):
    """The network as a graph: crops in; logits, heatmaps and evidence out."""

    def __init__(self, network: NodeNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, crops: Tensor) -> Explained:
        return self.network.explained(crops)


@dataclass(frozen=True, slots=True, eq=False)
class Traced:
    """
    A network as a graph that answers as it does.

    Attributes:
        graph: Without manifest and golden cases.
        golden: Some of the crops it was compared on, with the network's answers.
        crop_count: Crops it was compared on.
        probability_difference: Largest on any of them.
        heatmap_difference: Largest on any of them, as a share of the largest evidence.
    """

    graph: onnx.ModelProto
    golden: GoldenCases
    crop_count: int
    probability_difference: float
    heatmap_difference: float


def write_model(network: NodeNetwork, manifest: Manifest, crops: NDArray[np.float32], path: Path) -> None:
    """
    Export a network; the file appears only if it answers as the network does, and then whole.

    Args:
        network: A trained network on the CPU; it is put in evaluation mode.
        manifest: What to say about it; the digest of the golden cases is filled in.
        crops: Held-out crops, (n, 1, rows, columns), on which file and network must agree.
        path: Where to write; an existing file is replaced.

    Raises:
        ExportMismatch: a probability or a heat map of the file is not the network's, or there is no crop to tell.
    """
    write_traced(traced(network, crops), manifest, path)


def traced(network: NodeNetwork, crops: NDArray[np.float32]) -> Traced:
    """
    Make a graph of a network, and compare it on crops; arguments and errors are those of `write_model`.

    Raises:
        ExportMismatch: the graph answers differently, or there is no crop to tell.
    """
    if len(crops) == 0:
        raise ExportMismatch("there are no held-out crops on which to compare the ONNX file with the network")
    network.eval()
    expected = _network_answers(network, crops)
    graph = _graph(network, crops[:1])
    differences = _differences(expected, _file_answers(graph.SerializeToString(), crops))
    golden = GoldenCases(crops[:GOLDEN_COUNT], expected.logits[:GOLDEN_COUNT], expected.heatmaps[:GOLDEN_COUNT])
    return Traced(graph, golden, len(crops), *differences)


def write_traced(model: Traced, manifest: Manifest, path: Path) -> None:
    """Write a graph with its manifest and golden cases; it appears whole, and replaces an existing file."""
    text, whole = model.golden.to_text(), onnx.ModelProto()
    whole.CopyFrom(model.graph)
    metadata = {METADATA_KEY: replace(manifest, golden_digest=golden_digest(text)).to_json(), GOLDEN_KEY: text}
    onnx.helper.set_model_props(whole, metadata)
    onnx.checker.check_model(whole, full_check=True)
    with replacing(path) as draft:
        draft.write_bytes(whole.SerializeToString())


class _Answers:
    """Logits (n, 1), heat maps and evidence (n, h, w) as arrays."""

    def __init__(self, batches: list[tuple[NDArray[np.float32], ...]]) -> None:
        self.logits, self.heatmaps, self.evidence = (np.concatenate(parts) for parts in zip(*batches, strict=True))


def _network_answers(network: NodeNetwork, crops: NDArray[np.float32]) -> _Answers:
    with torch.inference_mode():
        batches = [network.explained(torch.from_numpy(part)) for part in _batches(crops)]
    return _Answers([tuple(output.numpy() for output in batch) for batch in batches])


def _file_answers(content: bytes, crops: NDArray[np.float32]) -> _Answers:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return _Answers([tuple(session.run(list(Explained._fields), {"crops": part})) for part in _batches(crops)])


def _batches(crops: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    return [np.ascontiguousarray(crops[start : start + BATCH]) for start in range(0, len(crops), BATCH)]


def _graph(network: NodeNetwork, crop: NDArray[np.float32]) -> onnx.ModelProto:
    """The bare graph. It is traced on two crops: the exporter takes a batch of one for a constant."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        # The exporter calls a deprecated function of torch itself.
        warnings.filterwarnings("ignore", r"`isinstance\(treespec, LeafSpec\)` is deprecated", FutureWarning)
        program = torch.onnx.export(
            _Exported(network).eval(),
            (torch.from_numpy(np.repeat(crop, 2, axis=0)),),
            input_names=["crops"],
            output_names=list(Explained._fields),
            dynamic_shapes={"crops": {0: "N"}},
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    # The exporter notes the stack trace of each node, with the paths of the machine that trained.
    parts: list[Any] = [model.graph, *model.graph.node, *model.graph.value_info, *model.graph.initializer]
    for part in parts:
        del part.metadata_props[:]
    return model


def _differences(expected: _Answers, actual: _Answers) -> tuple[float, float]:
    """
    The largest differences of the file from the network, in probability and in heat maps.

    Raises:
        ExportMismatch: they are too large.
    """
    probability = _largest_difference(_sigmoid(expected.logits), _sigmoid(actual.logits))
    scale = float(np.abs(expected.evidence).max()) or 1.0
    heat = max(
        _largest_difference(expected.heatmaps, actual.heatmaps), _largest_difference(expected.evidence, actual.evidence)
    )
    # Written so that NaN fails too.
    if not (probability <= PROBABILITY_TOLERANCE and heat / scale <= HEATMAP_TOLERANCE):
        raise ExportMismatch(
            f"the ONNX file differs from the network by {probability:.1e} in probability and by {heat / scale:.1e} of "
            "the peak in heat maps; nothing was written"
        )
    return probability, heat / scale


def _largest_difference(a: NDArray[Any], b: NDArray[Any]) -> float:
    return float(np.abs(a - b).max()) if a.shape == b.shape else float("inf")


def _sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-logits.astype(np.float64))), dtype=np.float64)
