"""Model files as they are published, well and badly."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from imaging.decision import Calibration
from imaging.golden import GOLDEN_KEY
from imaging.manifest import METADATA_KEY, Manifest


def publish(content: bytes, path: Path) -> None:
    """Put a file into its place as it must be done: written beside, and renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_bytes(content)
    draft.replace(path)


def variant(content: bytes, **changes: Any) -> bytes:
    """A sound model file with other words in its manifest."""
    return with_text(content, lambda text: replace(Manifest.from_json(text), **changes).to_json())


def shifted(content: bytes, shift: float) -> bytes:
    """A sound model file whose probabilities are others."""
    return variant(content, calibration=Calibration(0.8, shift))


def with_text(content: bytes, change: Callable[[str], str]) -> bytes:
    """A model file whose manifest's text was changed."""
    model = onnx.load_from_string(content)
    told = {entry.key: entry.value for entry in model.metadata_props}
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, {METADATA_KEY: change(told[METADATA_KEY]), GOLDEN_KEY: told[GOLDEN_KEY]})
    return bytes(model.SerializeToString())


def tampered(content: bytes) -> bytes:
    """A model file whose manifest and golden cases are sound, and whose weights are not those of its export."""
    model = onnx.load_from_string(content)
    largest = max(model.graph.initializer, key=lambda each: np.prod(each.dims))
    weights = onnx.numpy_helper.to_array(largest)
    largest.CopyFrom(onnx.numpy_helper.from_array(weights * np.float32(1.01), largest.name))
    return bytes(model.SerializeToString())


def of_another_preprocessing(content: bytes) -> bytes:
    """A model file for a version of the preprocessing that this release does not know."""
    return with_text(content, lambda text: text.replace('"version": 1\n', '"version": 2\n'))


BAD: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "garbage": (lambda content: b"not a model", "cannot load the file"),
    "empty": (lambda content: b"", "cannot load the file"),
    "truncated": (lambda content: content[: len(content) // 2], "cannot load the file|no NodeLens manifest"),
    "tampered": (tampered, "of the golden cases differ"),
    "of another preprocessing": (of_another_preprocessing, "preprocessing version 2 is asked for"),
    "of another name": (lambda content: variant(content, name="vgg"), "its folder something else"),
    "of another version": (lambda content: variant(content, version=7), "its folder something else"),
}
"""Files that cannot be served, made from one that can, and what is said of them."""
