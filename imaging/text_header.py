"""
What ITK does not say about the text header of an NRRD or MetaImage file.

ITK takes 1 mm for a spacing that is missing, and turns an axis round where its spacing is negative.
"""

import re
from pathlib import Path

from imaging.errors import UnreadableImage

HEADER_BYTES = 1 << 16
"""No header is longer; voxels follow."""

NRRD_MARK, META_MARKS = b"NRRD", (b"ObjectType", b"NDims", b"Comment")

DIRECTIONS = re.compile(rb"^space directions:(.*)$", re.MULTILINE)
SPACINGS = re.compile(rb"^(?:spacings:|ElementSpacing\s*=|ElementSize\s*=)(.*)$", re.MULTILINE)


def require_spacing(path: Path) -> None:
    """
    Refuse an NRRD or MetaImage file that does not say how far its voxels are apart; other files pass.

    Raises:
        UnreadableImage: a spacing is missing, or not above 0.
    """
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
    if not header.startswith((NRRD_MARK, *META_MARKS)):
        return
    if directions := DIRECTIONS.search(header):
        told = b"none" not in directions[1]
    else:
        spacings = SPACINGS.search(header)
        told = spacings is not None and all(_is_length(word) for word in spacings[1].split())
    if not told:
        raise UnreadableImage(f"{path}: its header must say a spacing above 0 mm for every axis")


def _is_length(word: bytes) -> bool:
    try:
        return 0 < float(word) < float("inf")
    except ValueError:
        return False
