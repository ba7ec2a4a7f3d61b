"""A network as its file has it: named tensors in and out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.model import Model

ANY_SIZE = -1
"""Of an axis whose length the caller chooses."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """
    A float32 tensor that a network takes or gives.

    Attributes:
        name: As in the model file.
        shape: Lengths of its axes; `ANY_SIZE` where the caller chooses.
    """

    name: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """
    What a network takes and gives.

    Attributes:
        crops: Its one input, (slices, 1, rows, columns).
        outputs: In the order of the model file.
    """

    crops: Tensor
    outputs: tuple[Tensor, ...]

    @classmethod
    def of(cls, model: Model) -> "Signature":
        """The signature of a model."""
        [crops] = map(_tensor, model.session.get_inputs())
        return cls(crops, tuple(map(_tensor, model.session.get_outputs())))


def outputs_of(model: Model, crops: NDArray[np.float32], names: Sequence[str]) -> list[NDArray[np.float32]]:
    """
    The outputs of these names, one array each, for crops (slices, 1, rows, columns) that fit one run.

    It may be called from several threads.
    """
    found: list[NDArray[np.float32]] = model.session.run(list(names), {Signature.of(model).crops.name: crops})
    return found


def _tensor(told: Any) -> Tensor:
    """What ONNX Runtime tells of a tensor; an axis of free length has a name, or nothing, instead of a length."""
    return Tensor(told.name, tuple(size if isinstance(size, int) else ANY_SIZE for size in told.shape))
