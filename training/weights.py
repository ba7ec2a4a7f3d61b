"""Pretrained weights from a local file."""

import hashlib
import io
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor

from training.errors import InvalidWeights
from training.networks.network import NodeNetwork
from training.networks.resnet50 import ResNet50

HEAD = "fc."
"""Prefix of torchvision's classification layer, which answers another question than ours."""


def load_pretrained(network: NodeNetwork, path: Path, sha256: str) -> None:
    """
    Put weights learnt on other images, such as ImageNet's, into a ResNet-50; its last layer keeps its own.

    Args:
        network: A ResNet-50.
        path: A state dict with torchvision's names, ``.pt``/``.pth`` or ``.safetensors``.
        sha256: What the file must have, in hexadecimal.

    Raises:
        InvalidWeights: another network, no such file, another digest, or other names or shapes.
    """
    if not isinstance(network, ResNet50):
        raise InvalidWeights("pretrained weights are for resnet50 only; leave --weights out")
    state = {name: value for name, value in _read(path, sha256).items() if not name.startswith(HEAD)}
    own = network.backbone.state_dict()
    needed = {name for name in own if not name.startswith(HEAD) and not name.endswith("num_batches_tracked")}
    missing, unknown = sorted(needed - state.keys()), sorted(state.keys() - own.keys())
    reshaped = sorted(name for name in needed & state.keys() if state[name].shape != own[name].shape)
    for fault, names in (("lacks", missing), ("has unknown", unknown), ("has other shapes for", reshaped)):
        if names:
            raise InvalidWeights(f"{path} is no torchvision ResNet-50: it {fault} {names[0]} and {len(names) - 1} more")
    network.backbone.load_state_dict(state, strict=False)


def _read(path: Path, sha256: str) -> dict[str, Tensor]:
    if not path.is_file():
        raise InvalidWeights(f"{path}: no such file")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256.lower():
        raise InvalidWeights(f"{path} has SHA-256 {found}, not the one given; fetch it again or correct --sha256")
    try:
        if path.suffix == ".safetensors":
            return safetensors.torch.load(content)
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception as error:
        # Other bytes make the readers raise almost anything, and torch's text advises to read them unsafely.
        raise InvalidWeights(f"{path} is no file of weights, or holds more than tensors") from error
    if not isinstance(state, dict) or not all(isinstance(k, str) and isinstance(v, Tensor) for k, v in state.items()):
        raise InvalidWeights(f"{path} holds no state dict: only names with their tensors are read")
    return state
