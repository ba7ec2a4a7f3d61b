"""How large a compressed frame becomes, told by its own header before it is decoded."""

import re
import struct
from collections.abc import Iterator

from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames

JPEG_2000 = b"\xff\x4f\xff\x51"
"""Start of codestream and the SIZ marker, which must follow it (ISO/IEC 15444-1 A.5.1)."""

START_OF_FRAME = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
"""Second bytes of JPEG's and JPEG-LS's start-of-frame markers (ISO/IEC 10918-1 B.1.1.3, 14495-1 C.1.1)."""

OVERHEAD = 2
"""Compressed bytes for each byte of pixels: what takes more is no compression."""

SLACK_BYTES = 1 << 16
"""Beyond that, for headers."""


def require_coded_size(dataset: Dataset) -> None:
    """
    Refuse compressed frames that would become other than Rows x Columns.

    A decoder makes room for what the frame says, whatever the dataset says.

    Raises:
        ValueError: a frame says another size, or has more bytes than its pixels could need.
    """
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    plain_bytes = -(-rows * columns * int(dataset.get("SamplesPerPixel") or 1) * int(dataset.BitsAllocated) // 8)
    count = int(dataset.get("NumberOfFrames") or 1)
    for frame in generate_frames(dataset.PixelData, number_of_frames=count):
        if len(frame) > OVERHEAD * plain_bytes + SLACK_BYTES:
            raise ValueError(f"{len(frame)} compressed bytes for {plain_bytes}")
        for size in coded_sizes(frame):
            if size != (rows, columns):
                raise ValueError(f"coded as {size}, declared as {(rows, columns)}")


def coded_sizes(frame: bytes) -> Iterator[tuple[int, int]]:
    """
    The sizes, (rows, columns), that a compressed frame declares; none where its format has no such header (RLE).

    A good frame has one; others may have several.
    """
    for start in re.finditer(JPEG_2000, frame):
        right, bottom, left, top = struct.unpack(">4I", frame[start.end() + 4 : start.end() + 20].ljust(16, b"\0"))
        yield bottom - top, right - left
    if frame[:2] == b"\xff\xd8":
        yield from _frame_sizes(frame)


def _frame_sizes(frame: bytes) -> Iterator[tuple[int, int]]:
    """Sizes in the segments of JPEG and JPEG-LS, up to the first scan."""
    place = 2
    while place + 9 <= len(frame) and frame[place] == 0xFF and frame[place + 1] != 0xDA:
        if frame[place + 1] in START_OF_FRAME:
            rows, columns = struct.unpack(">2H", frame[place + 5 : place + 9])
            yield rows, columns
        if frame[place + 1] == 0xFF:  # A fill byte.
            place += 1
        else:
            place += 2 + int.from_bytes(frame[place + 2 : place + 4], "big")
