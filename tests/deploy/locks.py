"""What the files of requirements/ lock."""

import re

from tests.conftest import ROOT


def lock(name: str) -> dict[str, tuple[str, int]]:
    """Version and number of hashes of each package of a lock."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    blocks = re.findall(r"(?m)^([a-z0-9][\w.-]*)(?:\[\w+\])?==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})*)", text)
    assert len(blocks) == len(re.findall(r"(?m)^[^#\s]", text))
    return {package: (version, hashes.count("sha256:")) for package, version, hashes in blocks}


def normal(name: str) -> str:
    """A package's name as indexes write it."""
    return re.sub(r"[-_.]+", "-", name).lower()
