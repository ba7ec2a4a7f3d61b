"""
``nodelens-train fit``: from a table of cases to a trained network.

``torchrun --nproc-per-node N -m training.main fit ...`` does the same by N processes.
"""

import argparse
import logging
import sys
from pathlib import Path

from training.crops import NodeCrops, load_crops
from training.distributed import first_alone, joined, leads, own_device
from training.labels.relabelled import labelled_cohort
from training.loop import fit_network
from training.options import add_options, config_of, device_of
from training.run import Run
from training.split import split_cases

HELP = (
    "Train a network on the nodes of a table; the same command goes on after a stop. "
    "`torchrun --nproc-per-node N -m training.main fit ...` trains by N processes, on a GPU each where there are some: "
    "--batch is that of all together, and several machines need one file system."
)

log = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    add_options(parser)


def run(args: argparse.Namespace) -> None:
    """
    Train, or go on with training.

    Raises:
        TrainingError: cases, options, weights or the folder are not fit for it.
        ImagingError: the options make no crop.
    """
    with joined():
        with first_alone():
            device = own_device(device_of(args))
            training, crops = _started(args)
        if crops is not None:
            fit_network(training, crops, device, args.weights)
        if leads():
            _tell(args.out, training)


def _started(args: argparse.Namespace) -> tuple[Run, NodeCrops | None]:
    """The run, which the first process starts, and the crops unless it is finished."""
    cohort = labelled_cohort(args.cases, args.labels)
    if leads():
        split = split_cases(cohort.cases, args.seed)
        config = config_of(args, cohort, [cohort.cases[index] for index in split.training])
        training = Run.start(args.out, config, split)
    else:
        training = Run.open(args.out)
    if training.finished:
        log.info("%s is finished already", args.out)
        return training, None
    crops = load_crops(cohort, training.config.spec, training.config.edge_policy, args.cache)
    _report_dropped(crops)
    return training, crops


def _report_dropped(crops: NodeCrops) -> None:
    for status, count in crops.dropped_counts().items():
        log.warning("%d of %d nodes are left out: %s", count, len(crops.statuses), status)


def _tell(folder: Path, training: Run) -> None:
    best, count = training.best_epoch(), len(training.history())
    sys.stdout.write(
        f"{folder}: best epoch {best.number} of {count}, validation AUC {best.validation_auc:.3f}, "
        f"loss {best.validation_loss:.3f}{' (phantoms: no clinical value)' if training.config.synthetic else ''}\n"
    )
    if training.config.guidance > 0:
        log.warning(
            "heat maps were trained on: only `nodelens-train evidence %s` tells where answers come from", folder
        )
