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


@pytest.fixture(scope="module")
def network():
    """A network to which nothing gets, since the file is refused."""
    return ResNet50()


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


def test_faults_are_told(network, state, tmp_path):
    """Another digest, missing or reshaped weights, other files and other networks are refused by name."""
    lacking, reshaped, unknown = (tmp_path / name for name in ("lacking.pth", "reshaped.pth", "unknown.pth"))
    torch.save({name: value for name, value in state.items() if name != "conv1.weight"}, lacking)
    torch.save({**state, "bn1.weight": torch.ones(3)}, reshaped)
    torch.save({**state, "layer5.0.conv1.weight": torch.ones(3)}, unknown)

    for path, sha256, message in (
        (lacking, "0" * 64, "has SHA-256"),
        (lacking, digest(lacking), r"lacks conv1\.weight"),
        (reshaped, digest(reshaped), r"other shapes for bn1\.weight"),
        (unknown, digest(unknown), r"has unknown layer5\.0\.conv1\.weight"),
        (tmp_path / "none.pth", "0" * 64, "no such file"),
    ):
        with pytest.raises(InvalidWeights, match=message):
            load_pretrained(network, path, sha256)
    with pytest.raises(InvalidWeights, match="resnet50 only"):
        load_pretrained(Cnn((32, 32)), lacking, digest(lacking))


class Executed:
    """An object whose unpickling would call something."""

    def __reduce__(self):
        """Call, rather than restore."""
        return (print, ("executed",))


@pytest.mark.parametrize("name", ["junk.pth", "junk.safetensors"])
@pytest.mark.parametrize("content", [b"", b"not weights", b"hello world", b"I1\n.", b"\x80\x02}q\x00."])
def test_other_files_are_refused_in_one_line(network, tmp_path, name, content):
    """Whatever bytes a file holds, the answer is one line that names it."""
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(InvalidWeights, match=r"junk.* is no file of weights[^\n]*$"):
        load_pretrained(network, path, digest(path))


def test_files_are_read_without_running_them(network, tmp_path, capsys):
    """A file that would run something when read is refused, and has not run; nor does the message advise it."""
    path = tmp_path / "weights.pth"
    torch.save({"conv1.weight": Executed()}, path)

    with pytest.raises(InvalidWeights, match=r"holds more than tensors$"):
        load_pretrained(network, path, digest(path))
    assert "" == capsys.readouterr().out


@pytest.mark.parametrize("content", [[1], {1: torch.ones(2)}, {"state_dict": {}}])
def test_only_names_with_tensors_are_a_state_dict(network, tmp_path, content):
    """Lists, numbered tensors and checkpoints that wrap a state dict are refused with what is expected."""
    path = tmp_path / "weights.pth"
    torch.save(content, path)

    with pytest.raises(InvalidWeights, match="only names with their tensors"):
        load_pretrained(network, path, digest(path))
