"""The command ``nodelens-serve``."""

import asyncio
import sys
from collections.abc import Sequence

from service.admission.memory import give_back_large_blocks
from service.faults import CannotStart
from service.logs import log_as_json
from service.server import serve
from service.settings import Settings


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until told to stop; 2 where it cannot start."""
    try:
        settings = Settings.from_arguments(argv)
        log_as_json()
        give_back_large_blocks()
        asyncio.run(serve(settings, _tell))
    except CannotStart as fault:
        sys.stderr.write(f"nodelens-serve: {fault}\n")
        return 2
    return 0


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
