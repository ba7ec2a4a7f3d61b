import pytest
import torch

from training.device import chosen_device
from training.errors import InvalidOptions


def test_the_cpu_is_always_there():
    """Whoever asks for the CPU gets it."""
    assert torch.device("cpu") == chosen_device("cpu")


def test_auto_takes_cuda_where_there_is_some():
    """Nobody must say which device the machine has."""
    assert ("cuda" if torch.cuda.is_available() else "cpu") == chosen_device("auto").type


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_cuda_that_is_not_there_is_refused():
    """A run that was meant for a GPU does not silently crawl on the CPU."""
    with pytest.raises(InvalidOptions, match="torch finds no CUDA device here; use --device cpu"):
        chosen_device("cuda")
