"""What a server takes on at once, and what one request may ask of it."""

import argparse
import os
from dataclasses import dataclass
from math import isfinite

from service.faults import CannotStart


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Bounds of the work.

    Attributes:
        concurrent_count: Requests worked on at once.
        queue_count: Requests beyond those that may be here: uploaded, or waiting for their turn.
        in_flight_bytes: What all requests that are here may hold, uploads as large as they are announced.
        voxel_count: Largest grid of a CT or a mask.
        node_count: Most nodes of one mask.
        request_s: Longest time of a request, upload and waiting included.
        idle_s: Longest time in which an upload makes no progress.
    """

    concurrent_count: int
    queue_count: int
    in_flight_bytes: int
    voxel_count: int
    node_count: int
    request_s: float
    idle_s: float

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the options to a command line."""
        group = parser.add_argument_group("limits; what is beyond is refused, and told when to come back")
        add = group.add_argument
        add(
            "--concurrent", type=int, default=2 * (os.cpu_count() or 1), help="requests worked on; default: %(default)s"
        )
        add("--max-queue", type=int, default=64, help="requests sent or waiting beyond those; default: %(default)s")
        add("--max-in-flight-mib", type=int, default=4096, help="bytes that all hold; default: %(default)s")
        add("--max-voxels", type=int, default=2**29, help="of a CT, and of a mask; default: %(default)s")
        add("--max-nodes", type=int, default=1000, help="of one mask; default: %(default)s")
        add("--max-seconds", type=float, default=600.0, help="of one request, upload included; default: %(default)s")
        add("--idle-timeout", type=float, default=30.0, help="seconds without an upload's bytes; default: %(default)s")

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> "Limits":
        """
        The limits on a command line.

        Raises:
            CannotStart: with one of them no request would ever be answered.
        """
        counts = {
            "--concurrent": args.concurrent,
            "--max-in-flight-mib": args.max_in_flight_mib,
            "--max-voxels": args.max_voxels,
            "--max-nodes": args.max_nodes,
        }
        for option, count in counts.items():
            if count < 1:
                raise CannotStart(f"{option} {count}: must be at least 1")
        if args.max_queue < 0:
            raise CannotStart(f"--max-queue {args.max_queue}: must be at least 0")
        for option, seconds in (("--max-seconds", args.max_seconds), ("--idle-timeout", args.idle_timeout)):
            if not (isfinite(seconds) and seconds > 0):
                raise CannotStart(f"{option} {seconds}: must be above 0")
        return cls(
            concurrent_count=args.concurrent,
            queue_count=args.max_queue,
            in_flight_bytes=args.max_in_flight_mib * 2**20,
            voxel_count=args.max_voxels,
            node_count=args.max_nodes,
            request_s=args.max_seconds,
            idle_s=args.idle_timeout,
        )
