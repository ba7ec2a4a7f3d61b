"""The gates that a model must pass, and its card; the command is in `training.release.command`."""

from training.release.command import HELP, add_arguments, run

__all__ = ["HELP", "add_arguments", "run"]
