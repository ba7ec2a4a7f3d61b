"""What the calls of a server share."""

from dataclasses import dataclass

from service.admission.gate import Gate
from service.admission.limits import Limits
from service.inference.engine import Engine
from service.inference.workers import Workers
from service.metrics import Metrics
from service.models.shadow import Shadow
from service.repository import ModelRepository
from service.reviews import Reviews


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """
    What the calls of a server share.

    Attributes:
        repository: The models.
        engine: Asks them.
        workers: Where all else is done.
        shadow: Scores some nodes once more.
        reviews: Where reviews are kept.
        metrics: Where answers are counted.
        limits: What a request may ask.
        gate: Where requests find a place and a turn.
    """

    repository: ModelRepository
    engine: Engine
    workers: Workers
    shadow: Shadow
    reviews: Reviews
    metrics: Metrics
    limits: Limits
    gate: Gate
