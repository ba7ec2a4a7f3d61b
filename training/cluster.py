"""
Trainings spread over the cores of this machine, or over the machines of a Ray cluster.

Each training is a task of Ray (`imaging.cluster`): it writes its run's folder, as it would here, so that all machines
need one file system; one that is lost with its machine goes on elsewhere from its last epoch. What is trained does not
depend on the engine, if the number of threads is equal.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from tqdm import tqdm

from imaging.cluster import ray_cluster
from training.cases import Cohort
from training.crops import load_crops
from training.device import chosen_device
from training.errors import InvalidRun
from training.loop import fit_network
from training.run import Run

ENGINES = ("local", "ray")

GPU_SHARE = 0.25
"""Of a GPU, for each training."""


@dataclass(frozen=True, slots=True, eq=False)
class Started:
    """
    Runs that read the same crops.

    Attributes:
        cohort: Their cases.
        runs: Some of them may be finished.
    """

    cohort: Cohort
    runs: tuple[Run, ...]


def add_engine(parser: argparse.ArgumentParser) -> None:
    """Declare where trainings are done."""
    group = parser.add_argument_group("engine")
    group.add_argument(
        "--engine",
        choices=ENGINES,
        default="local",
        help="ray: trainings side by side, each with --threads of the CPU (default there: 1) and a quarter of a GPU",
    )
    group.add_argument(
        "--ray-address",
        metavar="ADDR",
        help="of a running cluster whose machines share the file system and this Python; default: one of this machine",
    )


def fit_side_by_side(args: argparse.Namespace, started: Iterable[Started], device: torch.device) -> None:
    """
    Finish runs on Ray.

    Args:
        args: The options of all commands that train, and those of `add_engine`.
        started: The runs; their crops are made here, while the first of them are trained already.
        device: Where to compute.

    Raises:
        TrainingError: as `fit_network` and `load_crops` do.
        NoCluster: Ray is not installed, or there is no cluster.
        InvalidRun: Ray lost a training, and so often that it gave up.
    """
    threads = args.threads or 1
    with ray_cluster(args.ray_address, threads) as ray:
        gpus = GPU_SHARE if device.type == "cuda" else 0
        task = ray.remote(num_cpus=threads, num_gpus=gpus)(_fit)
        waiting = []
        for each in started:
            unfinished = [run for run in each.runs if not run.finished]
            if unfinished:
                load_crops(each.cohort, unfinished[0].config.spec, unfinished[0].config.edge_policy, args.cache)
            waiting += [task.remote(run, each.cohort, args, device.type) for run in unfinished]
        _wait(ray, waiting)


def _fit(run: Run, cohort: Cohort, args: argparse.Namespace, device: str) -> None:
    """One task."""
    torch.set_num_threads(args.threads or 1)
    crops = load_crops(cohort, run.config.spec, run.config.edge_policy, args.cache)
    fit_network(run, crops, chosen_device(device), args.weights)


def _wait(ray: Any, waiting: Sequence[Any]) -> None:
    with tqdm(total=len(waiting), desc="trainings", unit="run") as bar:
        while waiting:
            [done], waiting = ray.wait(waiting)
            try:
                ray.get(done)
            except ray.exceptions.RayTaskError as error:
                raise error.cause from None
            except ray.exceptions.RayError as error:
                raise InvalidRun(
                    f"Ray lost a training ({type(error).__name__}); run the same command again to go on"
                ) from error
            bar.update()
