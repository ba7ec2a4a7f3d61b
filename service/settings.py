"""How one server differs from another."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service.admission.limits import Limits
from service.faults import CannotStart
from service.inference.options import InferenceOptions
from service.model import Device
from service.models.options import ModelOptions
from service.security.options import Security

DESCRIPTION = "Serve the models of a folder over gRPC. Research use only."


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What an operator may choose.

    Attributes:
        models: Folder of ``<name>/<version>/model.onnx``.
        host: Address to listen on.
        port: TCP port; 0 lets the system choose.
        metrics_port: Port of ``/metrics``; 0 lets the system choose.
        device: What to compute on.
        default_model: Answers where a request names no model; None is the first by name.
        thread_count: Threads of one run of a network.
        limit_bytes: Largest request: CT and mask, as sent and in memory.
        grace_s: How long requests in flight may take after SIGTERM.
        reviews: Ledger of reviews; None takes none.
        security: Who may reach it.
        model_options: How models are taken up and tried.
        inference: How processor and GPU are shared among requests.
        limits: What it takes on at once, and what one request may ask.
    """

    models: Path
    host: str
    port: int
    metrics_port: int
    device: Device
    default_model: str | None
    thread_count: int
    limit_bytes: int
    grace_s: float
    reviews: Path | None
    security: Security
    model_options: ModelOptions
    inference: InferenceOptions
    limits: Limits

    @classmethod
    def from_arguments(cls, argv: Sequence[str] | None) -> "Settings":
        """
        Read the command line.

        Raises:
            CannotStart: the address to listen on is not HOST:PORT, or a number is impossible.
        """
        parser = argparse.ArgumentParser(prog="nodelens-serve", description=DESCRIPTION)
        parser.add_argument("--models", type=Path, required=True, help="folder of <name>/<version>/model.onnx")
        parser.add_argument("--listen", default="127.0.0.1:50051", metavar="HOST:PORT", help="default: %(default)s")
        parser.add_argument("--metrics-port", type=int, default=9464, help="of /metrics; default: %(default)s")
        parser.add_argument("--device", type=Device, choices=list(Device), default=Device.AUTO, help="default: auto")
        parser.add_argument("--default-model", help="answers where a request names none; default: the first by name")
        parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="of one run; default: %(default)s")
        parser.add_argument("--max-request-mib", type=int, default=1024, help="CT and mask; default: %(default)s")
        parser.add_argument("--grace", type=float, default=30.0, help="seconds to finish calls at the end")
        parser.add_argument("--reviews", type=Path, metavar="FILE", help="ledger of reviews; default: none are taken")
        Security.add_arguments(parser)
        ModelOptions.add_arguments(parser)
        InferenceOptions.add_arguments(parser)
        Limits.add_arguments(parser)
        args = parser.parse_args(argv)
        host, colon, port = args.listen.rpartition(":")
        if not colon or not host or not port.isdigit() or int(port) > 65535:
            raise CannotStart(f"--listen {args.listen}: must be HOST:PORT, such as 127.0.0.1:50051")
        if not 0 <= args.metrics_port <= 65535:
            raise CannotStart(f"--metrics-port {args.metrics_port}: must be from 0 to 65535")
        if min(args.threads, args.max_request_mib) < 1 or not args.grace >= 0:
            raise CannotStart("--threads and --max-request-mib must be at least 1, --grace at least 0")
        return cls(
            models=args.models,
            host=host,
            port=int(port),
            metrics_port=args.metrics_port,
            device=args.device,
            default_model=args.default_model,
            thread_count=args.threads,
            limit_bytes=args.max_request_mib * 2**20,
            grace_s=args.grace,
            reviews=args.reviews,
            security=Security.from_arguments(args, host),
            model_options=ModelOptions.from_arguments(args),
            inference=InferenceOptions.from_arguments(args),
            limits=Limits.from_arguments(args),
        )
