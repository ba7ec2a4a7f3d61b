"""A model: its file, what it says about itself, and what it answers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imaging.errors import ImagingError
from imaging.golden import GOLDEN_KEY, GoldenCases
from imaging.manifest import METADATA_KEY, Manifest
from service.faults import CannotStart, UnusableModel
from service.findings import ModelRef
from service.inference.session import CUDA, DEFAULT_CUDA, CudaOptions, Session

BATCH_SLICES = 32
"""Largest batch of one run: more brings no speed on a CPU, and costs memory."""

GOLDEN_TOLERANCE = 1e-4
"""Largest difference of golden logits and heat maps, as a share of the largest, on any device."""


class Device(StrEnum):
    """What to compute on."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


@dataclass(frozen=True, slots=True, eq=False)
class SliceAnswers:
    """
    What the network says about the slices of one node.

    Attributes:
        logits: float64, (slices,).
        heatmaps: float32, (slices, cells, cells), Grad-CAM after ReLU.
    """

    logits: NDArray[np.float64]
    heatmaps: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """
    A model that passed its golden cases.

    Attributes:
        ref: Its name, version and digest.
        manifest: All that the file says about it.
        session: The graph, ready to run; safe to use from several threads.
    """

    ref: ModelRef
    manifest: Manifest
    session: Session

    @property
    def provider(self) -> str:
        """ONNX Runtime's name of what it computes on."""
        return self.session.provider

    def warm(self, max_batch: int) -> None:
        """
        Run each size of batch once.

        Raises:
            UnusableModel: it cannot run one.
        """
        shape = (1, *self.manifest.preprocessing.input_shape_px)
        try:
            for size in self.session.sizes(max_batch):
                self.session.run([np.zeros(shape, dtype=np.float32)] * size)
        except Exception as error:  # Whatever the graph does wrong, it cannot be served.
            raise UnusableModel(f"the network does not run on batches of {size} slices") from error

    def answers(self, crops: Sequence[NDArray[np.float32]]) -> list[SliceAnswers]:
        """Run the network here and now on the slices of some crops, each (slices, rows, columns)."""
        if not crops:
            return []
        logits, heatmaps = _run(self.session, np.concatenate(crops)[:, None])
        ends = np.cumsum([len(crop) for crop in crops])[:-1]
        parts = zip(np.split(logits[:, 0].astype(np.float64), ends), np.split(heatmaps, ends), strict=True)
        return [SliceAnswers(*part) for part in parts]


def load_model(path: Path, device: Device, thread_count: int, cuda: CudaOptions = DEFAULT_CUDA) -> Model:
    """
    Load a model file and replay its golden cases.

    Raises:
        UnusableModel: not a model file, not one of ours, for another preprocessing, or its golden cases fail.
        CannotStart: CUDA was asked for and cannot be had.
    """
    session = _session(path, device, thread_count, cuda)
    metadata = session.metadata
    if METADATA_KEY not in metadata or GOLDEN_KEY not in metadata:
        raise UnusableModel("the file has no NodeLens manifest; export it with nodelens-train export")
    try:
        manifest = Manifest.from_json(metadata[METADATA_KEY])
        golden = GoldenCases.from_text(metadata[GOLDEN_KEY], manifest.golden_digest)
    except ImagingError as error:
        raise UnusableModel(str(error)) from error
    _require_golden(session, golden)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Model(ModelRef(manifest.name, manifest.version, digest), manifest, session)


def _session(path: Path, device: Device, thread_count: int, cuda: CudaOptions) -> Session:
    try:
        session = Session(path, thread_count, None if device is Device.CPU else cuda)
    except Exception as error:  # ONNX Runtime has many, of no common base.
        raise UnusableModel("ONNX Runtime cannot load the file") from error
    if device is Device.CUDA and session.provider != CUDA:
        raise CannotStart("--device cuda: ONNX Runtime finds no usable CUDA device here; use --device auto or cpu")
    return session


def _require_golden(session: Session, golden: GoldenCases) -> None:
    """
    Replay golden cases.

    Raises:
        UnusableModel: the network answers differently from when it was exported.
    """
    try:
        logits, heatmaps = _run(session, golden.crops)
    except Exception as error:  # Whatever the graph does wrong, it cannot be served.
        raise UnusableModel("the golden cases do not run") from error
    peak = max(float(golden.heatmaps.max()), float(np.finfo(np.float32).tiny))
    for name, actual, expected, scale in (
        ("logits", logits, golden.logits, max(1.0, float(np.abs(golden.logits).max()))),
        ("heat maps", heatmaps, golden.heatmaps, peak),
    ):
        differences = np.abs(actual - expected) / scale if actual.shape == expected.shape else np.array([np.inf])
        if not differences.max() <= GOLDEN_TOLERANCE:
            raise UnusableModel(f"the {name} of the golden cases differ by {differences.max():.1e}")


def _run(session: Session, slices: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logits (n, 1) and heat maps (n, cells, cells) of slices (n, 1, rows, columns)."""
    batches = [slices[start : start + BATCH_SLICES] for start in range(0, len(slices), BATCH_SLICES)]
    results = [session.run(list(batch)) for batch in batches]
    logits, heatmaps = (np.concatenate(parts) for parts in zip(*results, strict=True))
    return logits, heatmaps
