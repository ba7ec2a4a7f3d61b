"""What may be said about a study aloud."""

from collections.abc import Iterable, Iterator

from pydicom.dataset import Dataset

TEXTS = frozenset({"AE", "AS", "DA", "DT", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"})
"""Value representations that hold what people and machines wrote about a patient (PS3.5 6.2)."""

SHORTEST = 4
"""Characters from which on a value could tell anything."""


def guarded(message: str, datasets: Iterable[Dataset], otherwise: str) -> str:
    """
    A message, unless it quotes anything that stands in a study.

    Args:
        message: To be stored and logged.
        datasets: All of the study.
        otherwise: Is said instead.
    """
    quoted = (value for dataset in datasets for value in _texts(dataset) if value in message)
    return otherwise if next(quoted, None) else message


def _texts(dataset: Dataset) -> Iterator[str]:
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from _texts(item)
        elif element.VR in TEXTS and element.value:
            values = element.value if element.VM > 1 else [element.value]
            yield from (text for each in values if len(text := str(each).strip()) >= SHORTEST)
