"""How a training went, epoch by epoch."""

from collections.abc import Sequence
from typing import NamedTuple

from training.config import RunConfig, StopOn


class Epoch(NamedTuple):
    """
    What one epoch came to.

    Attributes:
        number: From 1.
        training_loss: Mean binary cross-entropy of a slice, in nats, while learning.
        validation_loss: The same on the validation part, without dropout and augmentation.
        validation_auc: Of nodes.
        training_auc: Of nodes, while learning; None in runs that did not record it yet.
    """

    number: int
    training_loss: float
    validation_loss: float
    validation_auc: float
    training_auc: float | None = None

    def merit(self, stop_on: StopOn) -> tuple[float, float]:
        """The larger, the better; equal AUCs are told apart by the loss."""
        return (self.validation_auc if stop_on is StopOn.AUC else 0.0), -self.validation_loss


class Course(NamedTuple):
    """
    How a training went.

    Attributes:
        epochs: In their order.
        best: The one whose weights count.
    """

    epochs: tuple[Epoch, ...]
    best: Epoch


def best_of(history: Sequence[Epoch], config: RunConfig) -> Epoch:
    """The first epoch that none is better than; at least one is needed."""
    return max(history, key=lambda epoch: epoch.merit(config.stop_on))


def is_finished(history: Sequence[Epoch], config: RunConfig) -> bool:
    """Whether all epochs are done, or none has been better for too long."""
    if not history:
        return False
    waited = len(history) - best_of(history, config).number
    return len(history) >= config.epoch_count or waited >= config.patience
