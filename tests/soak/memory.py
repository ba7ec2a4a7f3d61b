"""
Ten thousand requests of every kind.

``python -m tests.soak.memory`` fails unless the server's resident memory grows by less than 2 % over the last 9,000.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.service.mixed import resident_growth
from tests.service.models import write_models
from tests.service.servers import running_server

COUNT = 10_000
GROWTH = 0.02


def main() -> int:
    """Ask, print and judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.memory", description="memory over many requests")
    parser.add_argument("--count", type=int, default=COUNT, help="at least 1000; default: %(default)s")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = write_models(Path(folder) / "models")
        with running_server(models, Path(folder) / "log.jsonl") as server:
            growth = resident_growth(server, args.count)
    sys.stdout.write(f"{args.count} requests: resident memory grew by {growth:.2%} over the last nine tenths\n")
    return 0 if growth < GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
