"""
Whether a server answers, for health checks of containers: ``python -m service.probe``.

It asks the port of ``--health-port``, which speaks no TLS and wants no token. Kubernetes needs it not: it asks itself.
"""

import argparse
import sys
from collections.abc import Sequence

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

ADDRESS = "127.0.0.1:50052"
READY, NOT_READY = 0, 1


def main(argv: Sequence[str] | None = None) -> int:
    """Ask once; 0 where the server serves, 1 where it does not, or where nobody answers."""
    parser = argparse.ArgumentParser(prog="python -m service.probe", description="Ask a server whether it serves.")
    parser.add_argument("address", nargs="?", default=ADDRESS, metavar="HOST:PORT", help="of --health-port")
    parser.add_argument("--service", default="", metavar="NAME", help="a model, or 'liveness'; default: the server")
    parser.add_argument("--timeout", type=float, default=3.0, metavar="S", help="seconds; default: %(default)g")
    args = parser.parse_args(argv)
    try:
        status = _status(args.address, args.service, args.timeout)
    except grpc.RpcError as error:
        status = error.code().name
    sys.stdout.write(f"{status}\n")
    return READY if status == "SERVING" else NOT_READY


def _status(address: str, service: str, timeout_s: float) -> str:
    with grpc.insecure_channel(address) as channel:
        request = health_pb2.HealthCheckRequest(service=service)
        answer = health_pb2_grpc.HealthStub(channel).Check(request, timeout=timeout_s)
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


if __name__ == "__main__":
    sys.exit(main())
