"""``nodelens-train``: from cases to a model file."""

import argparse
import importlib
import logging
import sys
from collections.abc import Sequence

from imaging.errors import ImagingError
from training.errors import TrainingError

COMMANDS = {
    "phantom": "write a cohort of synthetic CTs with known answers",
    "check": "find what is wrong with a table of cases",
    "fit": "train a network on a table of cases",
    "evaluate": "measure a trained network on cases it never saw",
    "evidence": "hold a trained network's heat maps and answers to the node",
    "export": "write a trained network as a model file for the service",
    "crossval": "train and measure on each part of the patients in turn",
    "baselines": "measure size, shape and radiomics without a network",
    "compare": "set finished networks and baselines side by side",
    "control": "cross-validate with permuted labels",
    "audit": "find doubtful labels, and write a worklist of them",
    "release": "hold a network to the gates of a release",
    "relabel": "store the answers to a worklist in a ledger of labels",
    "paper": "reproduce the paper's experiments on phantoms, and cure them",
}
"""Each is a module of this package with HELP, add_arguments and run; only the one that is asked for is imported."""

REFUSED = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; what is wrong with its input is said in one line on stderr."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        args = _parser(sys.argv[1:] if argv is None else list(argv)).parse_args(argv)
        args.run(args)
    except (TrainingError, ImagingError) as error:
        sys.stderr.write(f"nodelens-train: {error}\n")
        return REFUSED
    except KeyboardInterrupt:
        sys.stderr.write("nodelens-train: interrupted\n")
        return INTERRUPTED
    return 0


def _parser(argv: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nodelens-train", description="From cases to a model file.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        if argv[:1] == [name]:
            # torch takes seconds to import: nobody should wait for it who only asks for help.
            module = importlib.import_module(f"training.{name}")
            command = commands.add_parser(name, help=summary, description=module.HELP)
            module.add_arguments(command)
            command.set_defaults(run=module.run)
        else:
            commands.add_parser(name, help=summary)
    return parser


if __name__ == "__main__":
    sys.exit(main())
