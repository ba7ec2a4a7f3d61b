"""The options of all commands that train."""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from imaging.crop import EdgePolicy
from imaging.spec import Aggregation, PreprocessingSpec
from training.cases import Case, Cohort
from training.config import RunConfig, StopOn
from training.device import DEVICE_NAMES, chosen_device
from training.errors import InvalidOptions
from training.extents import enclosing_side_mm, in_plane_extents_mm
from training.networks.catalogue import NETWORK_NAMES, PRETRAINED_NAMES
from training.plan import PAPER, Plan

LEARNING_RATES = {"cnn": 3e-4, "cnn-gap": 1e-3, "resnet50": 1e-4}
"""
Measured on 720 real lung nodules (LIDC-IDRI), one slice of each, validation AUC. `cnn`, 224 pixels, 3 epochs of batch
16: 0.864 with 3e-4, 0.832 with 1e-3; 112 pixels, 10 epochs: 0.857 with 1e-4, 0.898 with 3e-4, 0.922 with 1e-3.
`cnn-gap`, 112 pixels, needs about 1,100 steps of 1e-3 until it begins to learn (batch 4: 0.66 after 10 epochs, 0.78
after 25). `resnet50` was not measured.
"""

BATCH_SIZE = 8
"""Smaller than memory asks for: `cnn-gap` needs many steps more than it needs many slices in each."""


def add_options(parser: argparse.ArgumentParser, several: bool = False) -> None:
    """Declare what all commands that train have in common; ``several`` networks may be named, where that is so."""
    parser.add_argument("--cases", type=Path, required=True, metavar="CSV", help="table: image,mask,node,patient,label")
    parser.add_argument("--labels", metavar="LEDGER@REV", help="labels as corrected there; all of it without @REV")
    parser.add_argument("--network", choices=NETWORK_NAMES, required=True, nargs="+" if several else None)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    parser.add_argument("--cache", type=Path, metavar="DIR", help="where crops are kept (default: .crops beside CSV)")
    _add_learning(parser.add_argument_group("learning"))
    _add_preprocessing(parser.add_argument_group("preprocessing"))
    machine = parser.add_argument_group("machine")
    machine.add_argument("--device", choices=DEVICE_NAMES, default="auto", help="auto: CUDA where there is some")
    machine.add_argument("--threads", type=int, metavar="N", help="of the CPU; another number rounds otherwise")


def _add_learning(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--seed", type=int, default=0, help="of split, weights, order, dropout and augmentation")
    group.add_argument("--epochs", type=int, default=30, metavar="N", help="at most (default: %(default)s)")
    group.add_argument(
        "--batch", type=int, default=BATCH_SIZE, metavar="N", help="slices in a step (default: %(default)s)"
    )
    rates = ", ".join(f"{name} {rate:g}" for name, rate in LEARNING_RATES.items())
    group.add_argument("--learning-rate", type=float, metavar="X", help=f"of Adam (default: {rates})")
    group.add_argument("--augment", action="store_true", help="flip, turn and shift crops")
    group.add_argument("--stop-on", choices=[*StopOn], default=StopOn.AUC, help="validation measure (default: auc)")
    group.add_argument(
        "--patience", type=int, default=10, metavar="N", help="epochs without a better one (default: 10)"
    )
    group.add_argument(
        "--guidance",
        type=float,
        default=0.0,
        metavar="W",
        help="of evidence beside the node in the loss (default: none)",
    )
    group.add_argument("--weights", type=Path, metavar="FILE", help="pretrained weights, for resnet50")
    group.add_argument("--sha256", metavar="HEX", help="what the file of weights must have")


def _add_preprocessing(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--plan", type=Path, metavar="TOML", help="what `check` proposed; the options below win over it")
    group.add_argument("--side-mm", type=float, metavar="MM", help="of the box (default: fits 95 %% of training nodes)")
    spacing = " ".join(f"{step:g}" for step in PAPER.spacing_mm)
    group.add_argument("--spacing-mm", type=float, nargs=3, metavar=("K", "J", "I"), help=f"default: {spacing}")
    limits = f"in HU (default: {PAPER.window.lower_hu:g} {PAPER.window.upper_hu:g})"
    group.add_argument("--window", type=float, nargs=2, metavar=("LOWER", "UPPER"), help=limits)
    offsets = " ".join(map(str, PAPER.slice_offsets))
    group.add_argument("--slices", type=int, nargs="+", metavar="OFFSET", help=f"to cut (default: {offsets})")
    side = f"side of the input (default: {PAPER.input_shape_px[0]})"
    group.add_argument("--input-px", type=int, metavar="N", help=side)
    group.add_argument(
        "--edge", choices=[*EdgePolicy], default=EdgePolicy.REPORT, help="crops beyond the CT: drop, pad"
    )
    group.add_argument("--aggregation", choices=[*Aggregation], default=PAPER.aggregation, help="slices to node")


def device_of(args: argparse.Namespace) -> torch.device:
    """
    The device to compute on; sets the number of threads too.

    Raises:
        InvalidOptions: there is no such device, or no such number of threads.
    """
    if args.threads is not None:
        if args.threads < 1:
            raise InvalidOptions(f"--threads must be at least 1, got {args.threads}")
        torch.set_num_threads(args.threads)
    return chosen_device(args.device)


def options_of_networks(args: argparse.Namespace) -> list[argparse.Namespace]:
    """
    The options of each of several networks, as if it were the only one.

    A single one has the whole folder, several have one of their name each; pretrained weights are for those that take
    them.

    Raises:
        InvalidOptions: a network is named twice.
    """
    if len(set(args.network)) < len(args.network):
        raise InvalidOptions("--network names one of them twice; give each once")
    several = []
    for name in args.network:
        own = argparse.Namespace(**{**vars(args), "network": name})
        if len(args.network) > 1:
            own.out = args.out / name
            if name not in PRETRAINED_NAMES:
                own.weights = own.sha256 = None
        several.append(own)
    return several


def config_of(args: argparse.Namespace, cohort: Cohort, training_cases: Sequence[Case]) -> RunConfig:
    """
    The choices of a run; the box is chosen by the training cases alone, unless it is given.

    Raises:
        InvalidCases: a mask cannot be read, or does not mark its node.
        InvalidOptions: the options contradict each other, are out of range, or the plan is none.
        InvalidSpec: they make no crop.
    """
    if (args.weights is None) != (args.sha256 is None):
        raise InvalidOptions("--weights and --sha256 belong together")
    return RunConfig(
        network=args.network,
        spec=_spec(args, training_cases),
        edge_policy=EdgePolicy(args.edge),
        cases=str(args.cases.resolve()),
        labels=cohort.labels,
        labels_digest=cohort.labels_digest,
        cohort_digest=cohort.digest,
        synthetic=cohort.synthetic,
        seed=args.seed,
        epoch_count=args.epochs,
        batch_size=args.batch,
        learning_rate=LEARNING_RATES[args.network] if args.learning_rate is None else args.learning_rate,
        augmented=args.augment,
        stop_on=StopOn(args.stop_on),
        patience=args.patience,
        weights_sha256=args.sha256,
        guidance=args.guidance,
    )


def _spec(args: argparse.Namespace, training_cases: Sequence[Case]) -> PreprocessingSpec:
    plan = _plan(args)
    side_mm = enclosing_side_mm(in_plane_extents_mm(training_cases)) if plan.side_mm is None else plan.side_mm
    return replace(plan.spec(side_mm), aggregation=Aggregation(args.aggregation))


def _plan(args: argparse.Namespace) -> Plan:
    """The plan, if there is one, with what the command line says instead."""
    plan = Plan() if args.plan is None else Plan.read(args.plan)
    given = {
        "spacing_mm": args.spacing_mm and tuple(args.spacing_mm),
        "window_hu": args.window and tuple(args.window),
        "side_mm": args.side_mm,
        "slice_offsets": args.slices and tuple(args.slices),
        "input_px": args.input_px,
    }
    return replace(plan, **{name: value for name, value in given.items() if value is not None})
