"""Where torch computes."""

import torch

from training.errors import InvalidOptions

DEVICE_NAMES = ("auto", "cpu", "cuda")


def chosen_device(name: str) -> torch.device:
    """
    The device of that name; ``auto`` is CUDA where there is some.

    Raises:
        InvalidOptions: CUDA is asked for and there is none.
    """
    if name == "cuda" and not torch.cuda.is_available():
        raise InvalidOptions(
            "--device cuda: torch finds no CUDA device here; use --device cpu, or a CUDA build of torch"
        )
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")
