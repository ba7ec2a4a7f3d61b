"""``nodelens-train paper``: the experiments of the paper that NodeLens starts from, why they failed, and the cure."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from training.device import DEVICE_NAMES
from training.options import device_of
from training.phantoms.presets import PRESETS
from training.radiomics.features import load_features
from training.reproduction.cohort import LabelledCohort, read_phantoms, require_all, write_phantoms
from training.reproduction.cure import Cure
from training.reproduction.draws import drawn_cures
from training.reproduction.networks import Machine
from training.reproduction.recovery import recoveries_of
from training.reproduction.report import SYNTHETIC, Reproduction, cure_text, draws_text, table3_text, write_reproduction
from training.reproduction.settings import Experiment, Settings, quick
from training.reproduction.steps import Steps
from training.reproduction.table3 import TableRow, row_of, run_experiment

HELP = "Reproduce the paper's three experiments on phantoms with wrong labels, and cure them by reviews"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("out", type=Path, metavar="OUT", help="where to write; the same command goes on after a stop")
    parser.add_argument("--quick", action="store_true", help="fewer and easier phantoms, small inputs: for two cores")
    parser.add_argument("--patients", type=int, metavar="N", help="default: 385, as in the paper; 200 if quick")
    parser.add_argument("--preset", choices=[*PRESETS], help="difficulty (default: literature; easy if quick)")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="equal seeds draw alike")
    parser.add_argument(
        "--label-noise", type=float, default=0.42, metavar="X", help="share of wrong labels (default: %(default)s)"
    )
    parser.add_argument("--device", choices=DEVICE_NAMES, default="auto", help="auto: CUDA where there is some")
    parser.add_argument("--threads", type=int, metavar="N", help="of the CPU; another number rounds otherwise")


def run(args: argparse.Namespace) -> None:
    """
    Do what is not done yet, and write ``paper.json`` and ``paper.html``.

    Raises:
        TrainingError: the options are not fit for it, or the folder holds something else.
        ImagingError: a ledger is broken.
    """
    settings = settings_of(args)
    found = reproduced(args.out, settings, Machine(device_of(args), settings.seed))
    write_reproduction(args.out, found)
    sys.stdout.write("\n".join((table3_text(found.rows), cure_text(found.recoveries), draws_text(found.draws), "")))
    sys.stdout.write("".join(f"{sentence}\n" for sentence in found.words()))
    sys.stdout.write(f"\n{args.out / 'paper.html'}: {SYNTHETIC}\n")


def settings_of(args: argparse.Namespace) -> Settings:
    """
    The choices of a command line.

    Raises:
        InvalidOptions: one is out of its range.
    """
    settings = replace(Settings(), seed=args.seed, label_noise=args.label_noise)
    settings = quick(settings) if args.quick else settings
    given = {"patient_count": args.patients, "preset": args.preset}
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


def reproduced(out: Path, settings: Settings, machine: Machine) -> Reproduction:
    """
    Reproduce the paper, or go on where it was stopped.

    Raises:
        InvalidRun: the folder holds something else.
        InvalidCases: the cohort is too small.
    """
    steps = Steps.start(out, settings)
    facts = steps.once("cohort", lambda: write_phantoms(out, settings))
    cohort = read_phantoms(out)
    rows = tuple(_row(steps, cohort, each, machine) for each in settings.experiments)
    features = load_features(cohort.given)
    require_all(cohort.given, features.case_indices)
    course = Cure(steps, cohort, features, settings, machine).course()
    return Reproduction(
        settings=settings,
        cohort=facts,
        node_count=len(cohort.given.cases),
        wrong_share=cohort.wrong_share(cohort.given),
        rows=rows,
        course=course,
        recoveries=tuple(recoveries_of(course, cohort)),
        draws=drawn_cures(steps, cohort, features, settings, machine),
    )


def _row(steps: Steps, cohort: LabelledCohort, experiment: Experiment, machine: Machine) -> TableRow:
    name = experiment.name.lower().replace(" ", "-")
    folder = steps.folder / "runs" / name
    answers = steps.once(f"table3-{name}", lambda: run_experiment(experiment, cohort, folder, machine))
    return row_of(experiment, cohort, answers)
