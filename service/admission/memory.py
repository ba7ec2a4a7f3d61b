"""How memory is given back."""

import ctypes

MMAP_THRESHOLD = -3
"""glibc's ``M_MMAP_THRESHOLD``."""

LARGE_BYTES = 1 << 20


def give_back_large_blocks() -> bool:
    """
    Let every block of 1 MiB and more go back to the system as soon as it is free; False where the C library cannot.

    glibc raises the size from which it does so to that of the largest block that was ever freed, up to 32 MiB: the
    masks and crops of one large request would make holes in the heap that the server keeps.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and mallopt(MMAP_THRESHOLD, LARGE_BYTES) == 1
