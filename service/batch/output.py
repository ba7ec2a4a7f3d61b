"""
The folder of results of a batch.

* ``nodes.csv``, ``nodes.parquet``, ``cases.csv``   tables (`service.batch.frame`)
* ``findings.jsonl``   a line for each case that was scored, in the order of the cases: ``case``, ``patient`` (null if
  nobody says), ``image``, ``mask`` (files; ``mask`` is null where ``image`` is a DICOM study), ``structures`` and
  ``marking`` (which marks of a DICOM study were meant), ``labels`` ({"NODE": 1 metastatic, 0 benign or null}) and
  ``findings``, which is what ``findings.json`` of `service.results` holds, but for pictures
* ``heatmaps/CASE.nii.gz``   heat maps on the grid of the CT, where they were asked for
* ``summary.json``     counts and times (`service.batch.summary`)
* ``roc.json``         where labels are known: AUC, ROC and calibration (`service.batch.labelled`)
* ``model.json``       what the model says about itself (`imaging.manifest`)
* ``journal.jsonl``    what has become of each case so far (`service.batch.journal`)

Each file is written elsewhere and renamed, so that whoever finds it finds it whole. Tables are written at the end, of
all that has been scored by then.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from imaging.atomic import DRAFT, replacing, write_text
from service.batch.attempt import HEATMAPS
from service.batch.case import Case
from service.batch.record import Record

FINDINGS, SUMMARY, ROC, MODEL = "findings.jsonl", "summary.json", "roc.json", "model.json"


def write_findings(folder: Path, cases: Sequence[Case], records: Mapping[str, Record]) -> None:
    """Replace ``findings.jsonl``."""
    with replacing(folder / FINDINGS) as draft, draft.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, allow_nan=False) + "\n" for line in _lines(cases, records))


def write_json(path: Path, plain: Mapping[str, Any]) -> None:
    """Replace a file of plain values."""
    write_text(path, json.dumps(plain, indent=1, allow_nan=False) + "\n")


def remove_drafts(folder: Path) -> None:
    """Remove what a process that was killed left half-written."""
    for parent in (folder, folder / HEATMAPS):
        for draft in parent.glob(f"{DRAFT}*"):
            shutil.rmtree(draft, ignore_errors=True)


def _lines(cases: Sequence[Case], records: Mapping[str, Record]) -> Iterator[dict[str, Any]]:
    for case in cases:
        record = records.get(case.name)
        if record and record.findings:
            yield {
                "case": case.name,
                "patient": case.patient or None,
                "image": str(case.image),
                "mask": str(case.mask) if case.mask else None,
                "structures": list(case.structures),
                "marking": case.marking,
                "labels": {str(node["label"]): case.label_of(node["label"]) for node in record.nodes},
                "findings": record.findings,
            }
