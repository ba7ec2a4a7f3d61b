"""A model in the shadow of those that answer: it scores the same crops, and only the metrics see what it says."""

import logging
import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore

import numpy as np
from numpy.typing import NDArray

from imaging.decision import Call, call_at, node_logit
from imaging.manifest import Manifest
from service.faults import CannotStart, ModelNotReleased, UnknownModel
from service.findings import Classification
from service.model import Model
from service.models.metrics import ModelMetrics
from service.models.trial import Trial
from service.repository import ModelRepository

LOWEST_PRIORITY = 19
"""Of a thread, as ``nice`` counts."""

log = logging.getLogger(__name__)


class Shadow:
    """
    Scores a share of the nodes once more, after they have been answered.

    It takes one answer at a time, in a thread that yields to all others, and drops what comes while it is busy. It
    scores the crops that were made for the model that answered, so that both must have one preprocessing; what was made
    otherwise is dropped too.

    Args:
        trial: Which model, for which share of the requests; None scores nothing.
        repository: The models.
        metrics: Where agreement is counted.
    """

    def __init__(self, trial: Trial | None, repository: ModelRepository, metrics: ModelMetrics) -> None:
        self._trial = trial
        self._repository = repository
        self._metrics = metrics
        self._idle = Semaphore()
        self._thread = ThreadPoolExecutor(1, "shadow", initializer=_yield_to_others)

    def offer(self, found: Classification, crops: Mapping[int, NDArray[np.float32]], manifest: Manifest) -> None:
        """
        Take an answer that has been given, or drop it; this never waits.

        Args:
            found: The answer.
            crops: The pixels of its scored nodes, by label.
            manifest: Of the model that answered.
        """
        if self._trial is None or not crops or not self._trial.takes(found.request_id):
            return
        if self._idle.acquire(blocking=False):
            self._thread.submit(self._score, self._trial, found, crops, manifest)
        else:
            self._drop("busy")

    def close(self) -> None:
        """Take no more, and finish what was begun."""
        self._trial = None
        self._thread.shutdown(wait=True)

    def check(self) -> None:
        """
        Tell early where the shadow would have nothing to score.

        Raises:
            CannotStart: its preprocessing is not that of any other model.
        """
        trial = self._trial
        if trial is None:
            return
        try:
            with self._repository.borrowed(trial.name, trial.version) as shadow:
                others = [model for model in self._repository.models if model is not shadow]
                if all(other.manifest.preprocessing != shadow.manifest.preprocessing for other in others):
                    raise CannotStart(
                        f"--shadow {trial.name}: no other model has its preprocessing, so that nothing can be compared"
                    )
        except (ModelNotReleased, UnknownModel) as fault:
            log.warning("the shadow is not there yet", extra={"problem": str(fault)})

    def _score(
        self, trial: Trial, found: Classification, crops: Mapping[int, NDArray[np.float32]], manifest: Manifest
    ) -> None:
        try:
            with self._repository.borrowed(trial.name, trial.version) as shadow:
                if shadow.ref == found.model:
                    self._drop("same_model")
                elif shadow.manifest.preprocessing != manifest.preprocessing:
                    self._drop("preprocessing")
                else:
                    self._compare(found, crops, manifest, shadow)
        except (ModelNotReleased, UnknownModel):
            self._drop("not_served")
        except Exception:
            self._drop("failed")
            log.exception("bug", extra={"method": "shadow"})
        finally:
            self._idle.release()

    def _compare(
        self, found: Classification, crops: Mapping[int, NDArray[np.float32]], manifest: Manifest, shadow: Model
    ) -> None:
        """Score node by node; compare probabilities, and calls at each model's own operating point."""
        for node in found.nodes:
            if node.score is None:
                continue
            [answer] = shadow.answers([crops[node.label]])
            logit = node_logit(answer.logits.tolist(), shadow.manifest.preprocessing.aggregation)
            probability = shadow.manifest.calibration.probability(logit)
            agrees = _call(shadow.manifest, probability) is _call(manifest, node.score.probability)
            difference = abs(probability - node.score.probability)
            self._metrics.observe_shadow(found.model, shadow.ref, agrees, difference)

    def _drop(self, reason: str) -> None:
        self._metrics.shadow_dropped.labels(reason).inc()


def _call(manifest: Manifest, probability: float) -> Call:
    return call_at(manifest.operating_point.probability, probability)


def _yield_to_others() -> None:
    """On Linux each thread has a priority of its own."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOWEST_PRIORITY)
