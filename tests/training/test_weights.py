"""Pretrained weights from a file."""

import hashlib

import pytest
import safetensors.torch
import torch

from training.errors import InvalidWeights
from training.networks.cnn import Cnn
from training.networks.resnet50 import ResNet50, backbone
from training.weights import load_pretrained


@pytest.fixture(scope="module")
def state():
    """A state dict as torchvision writes it."""
    torch.manual_seed(1)
    return backbone(class_count=1000).state_dict()


def digest(path):
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["weights.pth", "weights.safetensors"])
def test_all_but_the_head_is_taken(state, tmp_path, name):
    """Both formats bring the trunk; the last layer stays as it was."""
    path = tmp_path / name
    (safetensors.torch.save_file if name.endswith("safetensors") else torch.save)(state, path)
    network = ResNet50()
    head = network.backbone.fc.weight.clone()
    load_pretrained(network, path, digest(path))

    torch.testing.assert_close(network.backbone.layer3[2].conv2.weight, state["layer3.2.conv2.weight"])
    assert torch.equal(head, network.backbone.fc.weight)


def test_faults_are_told(state, tmp_path):
    """Another digest, missing or reshaped weights, other files and other networks are refused by name."""
    lacking, reshaped, junk = (tmp_path / name for name in ("lacking.pth", "reshaped.pth", "junk.pth"))
    torch.save({name: value for name, value in state.items() if name != "conv1.weight"}, lacking)
    torch.save({**state, "bn1.weight": torch.ones(3)}, reshaped)
    junk.write_bytes(b"not weights")

    for path, sha256, message in (
        (lacking, "0" * 64, "has SHA-256"),
        (lacking, digest(lacking), r"lacks conv1\.weight"),
        (reshaped, digest(reshaped), r"other shapes for bn1\.weight"),
        (junk, digest(junk), "no file of weights"),
        (tmp_path / "none.pth", "0" * 64, "no such file"),
    ):
        with pytest.raises(InvalidWeights, match=message):
            load_pretrained(ResNet50(), path, sha256)
    with pytest.raises(InvalidWeights, match="resnet50 only"):
        load_pretrained(Cnn((32, 32)), lacking, digest(lacking))
