"""One case, from its files to its record."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from imaging.atomic import replacing
from imaging.errors import ImagingError
from imaging.files import write_image
from imaging.manifest import Manifest
from imaging.mask import NodeMask
from imaging.volume import Volume
from service.batch.case import Case
from service.batch.faults import Stopped
from service.batch.record import Record, plain_findings
from service.faults import ServiceFault
from service.findings import Classification, ModelRef
from service.options import ClassifyOptions

HEATMAPS = "heatmaps"

WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """
    What a case was answered.

    Attributes:
        found: The findings.
        tries: Calls it took.
        server: Who answered; empty if not a server.
    """

    found: Classification
    tries: int = 1
    server: str = ""


class Scorer(Protocol):
    """
    Whoever scores a case: servers, or a model in this process. Many threads may ask at once.

    Attributes:
        ref: The model.
        manifest: What it says about itself.
    """

    ref: ModelRef
    manifest: Manifest

    def classify(self, volume: Volume, mask: NodeMask, options: ClassifyOptions) -> Answer:
        """
        Score the nodes of one CT.

        Raises:
            ServiceFault: they cannot be scored.
            ImagingError: likewise.
        """
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """
    What is done with each case.

    Attributes:
        options: Choices of the caller.
        folder: Of the results; its `HEATMAPS` gets ``CASE.nii.gz`` where heat maps of the CT are asked for.
    """

    options: ClassifyOptions
    folder: Path


def attempt(case: Case, scorer: Scorer, job: Job, sending: Callable[[Case], object] | None = None) -> Record:
    """
    Score a case; where its heat map is asked for, it is on disk when this returns.

    Args:
        case: What to score.
        scorer: Whom to ask.
        job: What to do.
        sending: Told when the files have been read, just before the scorer is asked.

    Raises:
        Stopped: the batch was told to end before.
        OSError: a result cannot be written.
    """
    start = time.perf_counter()
    try:
        images = case.read()
        if sending:
            sending(case)
        answer = scorer.classify(images.volume, images.mask, job.options)
    except Stopped:
        raise
    except (ImagingError, ServiceFault) as error:
        message = " ".join(str(error).split())
        return Record(case.name, reason=reason_of(error), message=message, seconds=time.perf_counter() - start)
    findings = plain_findings(answer.found, scorer.manifest, job.options, _written(case, answer.found, job))
    seconds = time.perf_counter() - start
    told = " ".join(images.notices)
    return Record(case.name, findings, "", told, seconds, answer.tries, answer.server, images.stamp)


def reason_of(error: Exception) -> str:
    """Why a case was not scored, for programs: the server's word for it, or the fault's own, as UNREADABLE_IMAGE."""
    return str(getattr(error, "reason", "")) or WORD.sub("_", type(error).__name__).upper()


def _written(case: Case, found: Classification, job: Job) -> str | None:
    """Where the heat maps of the CT were written."""
    if found.heat is None:
        return None
    name = f"{HEATMAPS}/{case.name}.nii.gz"
    with replacing(job.folder / name) as draft:
        write_image(draft, found.heat.values, found.heat.geometry)
    return name
