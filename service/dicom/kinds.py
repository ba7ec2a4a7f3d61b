"""Which DICOM objects results can be; known without the library that writes them."""

from enum import StrEnum


class ResultKind(StrEnum):
    """One kind of object; each goes into a series of its own."""

    SR = "sr"
    PARAMETRIC_MAP = "parametric-map"
    SEG = "seg"
    SC = "sc"


ALL = frozenset(ResultKind)
"""Every kind."""
