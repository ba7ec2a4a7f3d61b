"""Libraries that only the bridge needs."""

import importlib
from typing import Any

from service.faults import CannotStart


def needed(name: str) -> Any:
    """
    A module of the extra ``pacs``.

    Raises:
        CannotStart: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        library = name.partition(".")[0]
        raise CannotStart(f"nodelens-pacs needs {library}, which is not installed; install nodelens[pacs]") from error
