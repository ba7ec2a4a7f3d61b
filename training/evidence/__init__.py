"""Heat maps as evidence; the command is in `training.evidence.command`."""

from training.evidence.command import HELP, add_arguments, run

__all__ = ["HELP", "add_arguments", "run"]
