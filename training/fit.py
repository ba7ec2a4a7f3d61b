"""``nodelens-train fit``: from a table of cases to a trained network."""

import argparse
import logging
import sys
from pathlib import Path

from training.crops import NodeCrops, load_crops
from training.labels.relabelled import labelled_cohort
from training.loop import fit_network
from training.options import add_options, config_of, device_of
from training.run import Run
from training.split import split_cases

HELP = "Train a network on the nodes of a table; the same command goes on after a stop"

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
    device = device_of(args)
    cohort = labelled_cohort(args.cases, args.labels)
    split = split_cases(cohort.cases, args.seed)
    config = config_of(args, cohort, [cohort.cases[index] for index in split.training])
    training = Run.start(args.out, config, split)
    if training.finished:
        log.info("%s is finished already", args.out)
    else:
        crops = load_crops(cohort, config.spec, config.edge_policy, args.cache)
        _report_dropped(crops)
        fit_network(training, crops, device, args.weights)
    _write_result(args.out, training)
    if config.guidance > 0:
        log.warning(
            "heat maps were trained on: only `nodelens-train evidence %s` tells where answers come from", args.out
        )


def _report_dropped(crops: NodeCrops) -> None:
    for status, count in crops.dropped_counts().items():
        log.warning("%d of %d nodes are left out: %s", count, len(crops.statuses), status)


def _write_result(folder: Path, training: Run) -> None:
    best, count = training.best_epoch(), len(training.history())
    sys.stdout.write(
        f"{folder}: best epoch {best.number} of {count}, validation AUC {best.validation_auc:.3f}, "
        f"loss {best.validation_loss:.3f}{' (phantoms: no clinical value)' if training.config.synthetic else ''}\n"
    )
