"""How a server shares its processor and its GPU among requests."""

import argparse
import os
from dataclasses import dataclass

from service.faults import CannotStart
from service.inference.session import DEFAULT_CUDA, CudaOptions


@dataclass(frozen=True, slots=True)
class InferenceOptions:
    """
    What an operator may choose.

    Attributes:
        worker_count: Threads that decode, cut crops and write answers, beside the network's.
        max_batch: Most slices of one run; a power of two.
        max_delay_s: How long a run waits to be filled although the device is free.
        cuda: How to use a GPU.
    """

    worker_count: int = os.cpu_count() or 1
    max_batch: int = 32
    max_delay_s: float = 0.0
    cuda: CudaOptions = DEFAULT_CUDA

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Add the words of the command line."""
        group = parser.add_argument_group("processor and GPU")
        default = InferenceOptions()
        group.add_argument("--workers", type=int, default=default.worker_count, help="threads beside the network's")
        group.add_argument("--max-batch", type=int, default=default.max_batch, help="slices of one run, a power of 2")
        group.add_argument(
            "--max-delay-ms", type=float, default=0.0, help="how long a free device waits for more slices; default: 0"
        )
        group.add_argument("--gpu-memory-mib", type=int, default=4096, help="of each model; default: %(default)s")
        group.add_argument(
            "--tf32", action="store_true", help="faster on GPUs; models whose golden cases then differ are refused"
        )

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> "InferenceOptions":
        """
        Read the command line.

        Raises:
            CannotStart: a number is impossible.
        """
        if args.workers < 1 or args.gpu_memory_mib < 1:
            raise CannotStart("--workers and --gpu-memory-mib must be at least 1")
        if args.max_batch < 1 or args.max_batch.bit_count() != 1:
            raise CannotStart(f"--max-batch {args.max_batch}: must be a power of two, such as 32")
        if not 0 <= args.max_delay_ms <= 1000:
            raise CannotStart(f"--max-delay-ms {args.max_delay_ms:g}: must be from 0 to 1000")
        cuda = CudaOptions(args.gpu_memory_mib * 2**20, args.tf32)
        return cls(args.workers, args.max_batch, args.max_delay_ms / 1000, cuda)
