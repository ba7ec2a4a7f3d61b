"""Fixtures of the tests with Triton's client."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.service.kserve.triton import NAMES


@dataclass(frozen=True, slots=True)
class Asked:
    """What Triton's client was told, the crops it sent, and the outputs it got."""

    told: dict[str, Any]
    crops: NDArray[np.float32]
    outputs: dict[str, NDArray[np.float32]]


@pytest.fixture(scope="session")
def asked(server, tmp_path_factory):
    """Triton's client, after it asked the server all it can ask."""
    folder: Path = tmp_path_factory.mktemp("triton")
    crops = np.random.default_rng(0).random((5, 1, 32, 32), dtype=np.float32)
    np.save(folder / "crops.npy", crops)
    words = ["-m", "tests.service.kserve.triton", server.address, folder / "crops.npy", folder]
    subprocess.run([sys.executable, *map(str, words)], check=True)
    outputs = {name: np.load(folder / f"{name}.npy") for name in NAMES}
    return Asked(json.loads((folder / "told.json").read_text()), crops, outputs)
