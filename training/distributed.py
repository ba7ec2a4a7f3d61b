"""
One training by several processes, each of which learns from its share of every batch.

``torchrun --nproc-per-node N -m training.main fit ...`` starts N of them, on one GPU each where there are some. The
first one leads: it alone validates, writes files and tells how it goes. Gradients are added up here instead of by
torch's `DistributedDataParallel`, which averages over processes as if their shares were equal and none were empty.

Whoever is alone needs none of this: every function does nothing then.
"""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Generator, Tensor

from training.errors import InvalidOptions

T = TypeVar("T")

LONGEST_WAIT = timedelta(days=1)
"""All others wait while the first makes crops. It is no time lost where a process dies: torchrun ends the others."""

PEER_LOST = 1


@contextmanager
def joined() -> Iterator[None]:
    """Be one of the processes that torchrun started, if it did."""
    if not dist.is_torchelastic_launched():
        yield
        return
    dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo", timeout=LONGEST_WAIT)
    try:
        logging.disable(logging.NOTSET if leads() else logging.CRITICAL)
        yield
    finally:
        logging.disable(logging.NOTSET)
        dist.destroy_process_group()


def require_alone() -> None:
    """
    Refuse to be one of several processes.

    Raises:
        InvalidOptions: torchrun started more than one.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and dist.is_torchelastic_launched():
        if int(os.environ["RANK"]) > 0:
            raise SystemExit(PEER_LOST)
        raise InvalidOptions("torchrun is for `fit` alone; spread the networks of this command with --engine ray")


def process_count() -> int:
    """How many processes train together."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """The number of this process, from 0."""
    return dist.get_rank() if dist.is_initialized() else 0


def leads() -> bool:
    """Whether this process is the first, or alone."""
    return rank() == 0


def own_device(device: torch.device) -> torch.device:
    """
    That device, or this process's own one of several GPUs.

    Raises:
        InvalidOptions: there are fewer GPUs than processes.
    """
    if device.type != "cuda" or process_count() == 1:
        return device
    place = int(os.environ["LOCAL_RANK"])
    if place >= torch.cuda.device_count():
        raise InvalidOptions(f"there are only {torch.cuda.device_count()} GPU(s); lower --nproc-per-node")
    torch.cuda.set_device(place)
    return torch.device("cuda", place)


@contextmanager
def first_alone() -> Iterator[None]:
    """Let the first process do the block before the others do; where it fails, they end without a word."""
    if not leads():
        from_first(lambda: None)
    yield
    if leads():
        from_first(lambda: None)


def from_first(compute: Callable[[], T]) -> T:
    """What the first process computes, in all of them."""
    if process_count() == 1:
        return compute()
    box = [compute()] if leads() else [None]
    with _peers():
        dist.broadcast_object_list(box, src=0)
    return box[0]  # type: ignore[return-value] # by now, no place is empty


def share(count: int) -> slice:
    """Which of so many slices are this process's: as even as can be; with too few, the last processes have none."""
    start, stop = (-(-count * place // process_count()) for place in (rank(), rank() + 1))
    return slice(start, stop)


def own_chance(shared: Generator, seed: int) -> Generator:
    """
    What is left of the chance that all processes share; from here on each has a global one of its own.

    Args:
        shared: The global generator; alone, it stays the only one.
        seed: Of the others, with the number of the process.
    """
    if process_count() == 1:
        return shared
    left = shared.clone_state()
    torch.manual_seed(int(np.random.SeedSequence([seed, rank() + 1]).generate_state(1)[0]))
    return left


def add_up_gradients(parameters: Sequence[Tensor]) -> None:
    """Replace each gradient by its sum over all processes; who has none adds nothing."""
    if process_count() == 1:
        return
    gradients = [torch.zeros_like(each) if each.grad is None else each.grad for each in parameters]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    with _peers():
        dist.all_reduce(flat)
    totals = torch.split(flat, [gradient.numel() for gradient in gradients])
    for each, gradient, total in zip(parameters, gradients, totals, strict=True):
        each.grad = gradient.copy_(total.view_as(gradient))


def added_up(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum over all processes."""
    if process_count() == 1:
        return values
    total = torch.from_numpy(values.copy())
    with _peers():
        dist.all_reduce(total)
    return total.numpy()


@contextmanager
def _peers() -> Iterator[None]:
    """End without a word where another process died: it has said why."""
    try:
        yield
    except RuntimeError as error:
        if isinstance(error, dist.DistError) or "peer" in str(error):
            raise SystemExit(PEER_LOST) from error
        raise
