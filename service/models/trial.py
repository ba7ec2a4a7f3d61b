"""Models on trial: they get a share of the requests."""

import hashlib
import re
from dataclasses import dataclass
from math import isfinite

from service.faults import CannotStart

NAMED = re.compile(r"(?P<name>[^@=/]+)(@(?P<version>[1-9][0-9]{0,8}))?")


@dataclass(frozen=True, slots=True)
class Trial:
    """
    A model, and its share of the requests.

    Attributes:
        purpose: What it is tried for: the canary's share and the shadow's are drawn independently.
        name: Of the model.
        version: Of the model; 0 is the newest.
        share: Of the requests, in (0, 1].
    """

    purpose: str
    name: str
    version: int
    share: float

    @classmethod
    def from_text(cls, purpose: str, text: str, share: float) -> "Trial":
        """
        Read ``NAME`` or ``NAME@VERSION``.

        Raises:
            CannotStart: it is neither, or the share is impossible.
        """
        named = NAMED.fullmatch(text)
        if not named:
            raise CannotStart(f"--{purpose} {text}: must name a model as NAME@VERSION, such as cnn-gap@2")
        if not (isfinite(share) and 0 < share <= 1):
            raise CannotStart(f"--{purpose} {text}: its share must be above 0 and at most 1, got {share:g}")
        return cls(purpose, named["name"], int(named["version"] or 0), share)

    def takes(self, request_id: str) -> bool:
        """
        Whether a request belongs to the share; one that is sent again is answered alike.

        >>> trial = Trial("canary", "cnn", 2, 0.25)
        >>> sum(trial.takes(f"study-{n}") for n in range(1000))
        252
        """
        drawn = hashlib.sha256(f"{self.purpose} {self.name}@{self.version} {request_id}".encode()).digest()
        return int.from_bytes(drawn[:8]) < self.share * 2**64
