"""Scores a cohort: ``nodelens-score batch``; what it leaves is told in `service.batch.output`."""

import argparse
import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any

from imaging.atomic import write_text
from imaging.errors import ImagingError
from service.arguments import complain
from service.batch.attempt import Job
from service.batch.cases import Cohort
from service.batch.engines import engine_of
from service.batch.frame import node_rows, require_pandas, write_tables
from service.batch.journal import Journal
from service.batch.labelled import labelled_summary
from service.batch.options import classify_options, cohort_of, parser, require_sound
from service.batch.output import MODEL, ROC, SUMMARY, remove_drafts, write_findings, write_json
from service.batch.progress import Progress
from service.batch.streams import Engine
from service.batch.summary import Course, summary_of, summary_text
from service.faults import ServiceFault
from service.findings import ModelRef
from service.options import ClassifyOptions

SCORED, UNSCORED, UNUSABLE = 0, 1, 2


def main(words: Sequence[str]) -> int:
    """Score a cohort; 0 where every case was scored, 1 where some were not, 2 where the user must mend something."""
    arguments = parser().parse_args(words)
    try:
        require_sound(arguments)
        require_pandas()
        return _scored(arguments)
    except (ImagingError, ServiceFault, OSError) as error:
        return complain("nodelens-score batch", error)


def _scored(arguments: argparse.Namespace) -> int:
    cohort = cohort_of(arguments)
    options = classify_options(arguments, cohort)
    with stopping() as stop, engine_of(arguments, stop) as engine:
        header = header_of(cohort, engine.ref, options)
        with Journal(arguments.out, header, arguments.resume) as journal:
            remove_drafts(arguments.out)
            course = _run(engine, cohort, Job(options, arguments.out.absolute()), journal, stop)
            return _told(cohort, journal, engine, course, arguments)


def _run(engine: Engine, cohort: Cohort, job: Job, journal: Journal, stop: Event) -> Course:
    start = time.perf_counter()
    remaining = [case for case in cohort.cases if journal.unfinished(case)]
    with Progress(journal, len(cohort.cases), len(cohort.cases) - len(remaining)) as progress:
        engine.run(remaining, job, progress, stop)
    return Course(time.perf_counter() - start, progress.scored, tuple(journal.sent_again))


def _told(cohort: Cohort, journal: Journal, engine: Engine, course: Course, arguments: argparse.Namespace) -> int:
    """Write and print what a batch came to; its exit code."""
    out, records = arguments.out, journal.records
    write_findings(out, cohort.cases, records)
    write_tables(out, cohort.cases, records, cohort.synthetic)
    labelled = labelled_summary(node_rows(cohort.cases, records, cohort.synthetic))
    if labelled:
        write_json(out / ROC, labelled)
    summary = summary_of(cohort, records, engine.ref, engine.manifest, course)
    write_json(out / SUMMARY, summary)
    write_text(out / MODEL, engine.manifest.to_json() + "\n")
    sys.stdout.write(summary_text(summary, labelled))
    sys.stdout.write(f"\nResults are in {out}\n")
    if summary["cases"]["scored"] == summary["cases"]["all"]:
        return SCORED
    sys.stderr.write("nodelens-score batch: not every case was scored; --resume tries the others again\n")
    return UNSCORED


def header_of(cohort: Cohort, ref: ModelRef, options: ClassifyOptions) -> dict[str, Any]:
    """What a journal must be about to be gone on with, by names for people."""
    cases = json.dumps([case.to_dict() for case in cohort.cases])
    return {
        "list of cases": hashlib.sha256(cases.encode()).hexdigest(),
        "number of cases": len(cohort.cases),
        "model": f"{ref.name} {ref.version} (SHA-256 {ref.digest})",
        "separation": options.separation.value,
        "edge policy": options.edge_policy.value,
        "operating point": options.operating_point,
        "heat map": options.heatmap_output.value,
    }


@contextmanager
def stopping() -> Iterator[Event]:
    """
    An event that is set by the first SIGINT or SIGTERM; a second one ends the process at once, with 128 + number.

    In the block these signals do nothing else.
    """
    stop = Event()

    def on_signal(number: int, _: object) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()
        sys.stderr.write("\nnodelens-score batch: finishing what was sent; again to end at once\n")

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
