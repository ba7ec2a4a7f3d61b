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


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether the device has instructions for bfloat16, so that mixed precision is faster."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
