"""
Ten thousand requests that chance changed.

``python -m tests.soak.mutations`` fails as soon as one ends by a status that only a bug has, or a good request after it
gets other probabilities than before.
"""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

import grpc
from hypothesis import HealthCheck, Phase, given, seed, settings

from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from tests.service.models import write_models
from tests.service.mutants import ALLOWED, Mutant, mutants
from tests.service.scans import request
from tests.service.servers import running_server

COUNT = 10_000
EVERY = 10
"""After so many changed requests a good one is sent."""


def main() -> int:
    """Send, print and judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.mutations", description="requests that chance changed")
    parser.add_argument("--count", type=int, default=COUNT, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        models = write_models(Path(folder) / "models")
        with (
            running_server(models, Path(folder) / "log.jsonl", "--max-request-mib", "8") as server,
            grpc.insecure_channel(server.address) as channel,
        ):
            seen = statuses(channel, args.count, args.seed)
    sys.stdout.write(f"{seen.total()} requests: {', '.join(f'{n} {status}' for status, n in seen.most_common())}\n")
    return 0


def statuses(channel: grpc.Channel, count: int, first: int) -> Counter[str]:
    """How often the answers ended by each status; ``first`` seeds the changes."""
    stub, good, seen = NodeClassifierServiceStub(channel), request(), Counter[str]()
    expected = [node.probability for node in stub.Classify(good).classification.nodes]

    @seed(first)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(mutant=mutants())
    def sent(mutant: Mutant) -> None:
        status = mutant.status(channel)
        seen[status] += 1
        assert status in ALLOWED
        if seen.total() % EVERY == 0:
            assert expected == [node.probability for node in stub.Classify(good).classification.nodes]

    sent()
    return seen


if __name__ == "__main__":
    sys.exit(main())
