"""
Golden cases: crops with the answers they must get, carried inside the model file.

Training stores them at export; the service replays them before it serves the model.
"""

import base64
import hashlib
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.errors import InvalidManifest

GOLDEN_KEY = "nodelens-golden"
"""Key of the golden cases in ``metadata_props``."""


@dataclass(frozen=True, slots=True, eq=False)
class GoldenCases:
    """
    Crops and the expected outputs of the network.

    Attributes:
        crops: float32 (n, channels, rows, columns).
        logits: float32 (n, 1).
        heatmaps: float32 (n, cells, cells), not normalised.
    """

    crops: NDArray[np.float32]
    logits: NDArray[np.float32]
    heatmaps: NDArray[np.float32]

    def to_text(self) -> str:
        """The cases as base64 of a compressed NumPy archive."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, crops=self.crops, logits=self.logits, heatmaps=self.heatmaps)
        return base64.b64encode(buffer.getvalue()).decode("ascii")

    @classmethod
    def from_text(cls, text: str, digest: str) -> "GoldenCases":
        """
        Read what `to_text` wrote.

        Raises:
            InvalidManifest: the text does not have the expected digest, or is no archive.
        """
        if golden_digest(text) != digest:
            raise InvalidManifest("the golden cases in the model file are not the ones its manifest names")
        try:
            with np.load(io.BytesIO(base64.b64decode(text)), allow_pickle=False) as archive:
                return cls(archive["crops"], archive["logits"], archive["heatmaps"])
        except (KeyError, OSError, ValueError) as error:
            raise InvalidManifest(f"the golden cases in the model file cannot be read: {error}") from error


def golden_digest(text: str) -> str:
    """SHA-256 of golden cases in the form in which they are stored."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
