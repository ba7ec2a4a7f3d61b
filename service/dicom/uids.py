"""UIDs that follow from what they name, so that whatever is made again has the same."""

import hashlib
import json
from uuid import UUID


def uid_of(*parts: str) -> str:
    """
    A UID derived from a UUID (PS3.5 B.2) of the SHA-256 of some words.

    >>> uid_of("a", "b")
    '2.25.70889510646818029623684566370032734534'
    """
    digest = hashlib.sha256(json.dumps(parts).encode("ascii")).digest()
    return f"2.25.{UUID(bytes=digest[:16], version=5).int}"
