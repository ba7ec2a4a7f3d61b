"""A network as its file has it: named tensors in and out."""

from dataclasses import dataclass
from typing import Any

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
        [crops] = map(_tensor, model.session.inputs)
        return cls(crops, tuple(map(_tensor, model.session.outputs)))


def _tensor(told: Any) -> Tensor:
    """What ONNX Runtime tells of a tensor; an axis of free length has a name, or nothing, instead of a length."""
    return Tensor(told.name, tuple(size if isinstance(size, int) else ANY_SIZE for size in told.shape))
