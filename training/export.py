"""``nodelens-train export``: a trained network as a model file for the service."""

import argparse
import sys

from training.release.candidate import Candidate, add_model_options
from training.release.facts import Facts
from training.release.output import write_model_files

HELP = "Write a run's network as MODELS/NAME/VERSION/model.onnx, with all that the service must know about it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    add_model_options(parser)


def run(args: argparse.Namespace) -> None:
    """
    Evaluate, then write the file; it is compared with the network on the test part's crops.

    It is never a release: most gates ask for more than the run, and stay unmeasured.

    Raises:
        InvalidRun: there is no finished run, or its cases have changed.
        InvalidOptions: name or version cannot be taken.
        ExportMismatch: the file answers differently from the network.
    """
    candidate = Candidate.of(args)
    manifest = write_model_files(candidate, Facts(candidate.own()))
    for gate in manifest.gates:
        if gate.measured:
            sys.stdout.write(f"gate {gate.verdict}: {gate.name}: {gate.value:.3g} ({gate.condition})\n")
    unmeasured = sum(not gate.measured for gate in manifest.gates)
    sys.stdout.write(f"{unmeasured} more gates are not measured: `nodelens-train release` asks them; research only\n")
