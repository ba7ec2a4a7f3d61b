"""
Servers that are told to end while they are busy, again and again.

``python -m tests.soak.cycles`` fails as soon as a call that was begun is lost, or a server does not end with 0.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.service.cycles import ended_under_load
from tests.service.models import write_models

CYCLES = 200


def main() -> int:
    """Go round, print and judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.cycles", description="SIGTERM under load")
    parser.add_argument("--cycles", type=int, default=CYCLES, help="default: %(default)s")
    args = parser.parse_args()
    answered = refused = 0
    with tempfile.TemporaryDirectory() as folder:
        models = write_models(Path(folder) / "models")
        for cycle in range(args.cycles):
            more, others, lost = ended_under_load(models, Path(folder) / f"{cycle}.jsonl")
            answered, refused = answered + more, refused + others
            if lost:
                sys.stdout.write(f"cycle {cycle + 1}: lost {'; '.join(lost)}\n")
                return 1
    sys.stdout.write(f"{args.cycles} cycles: {answered} calls answered, {refused} refused before they began, 0 lost\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
