"""The digest by which a file, or a folder of files, is known."""

import hashlib
import json
from pathlib import Path


def file_digest(path: Path) -> str:
    """SHA-256 of a file; of a folder, over those of its files, whatever their names."""
    if path.is_dir():
        digests = sorted(file_digest(each) for each in path.rglob("*") if each.is_file())
        return hashlib.sha256(json.dumps(digests).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
