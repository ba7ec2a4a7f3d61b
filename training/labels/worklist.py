"""
The worklist of an audit, as tables.

* ``worklist.csv``  what the reader fills in: a node a row, in random order, without its label
* ``key.csv``       what the reader must not see: which node is which, its label, and why it is asked about

The given label is not shown at all, not even folded away. Most of what is asked about is there because a network
contradicts its label, so who sees the label knows the network's answer too, and is drawn to one of the two; a reading
is worth something because it owes nothing to either.
"""

import csv
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imaging.atomic import write_rows
from imaging.review import HIGHEST_CONFIDENCE, ReviewedNode, Verdict
from training.cases import Case, Cohort
from training.errors import InvalidWorklist
from training.labels.relabelled import node_of
from training.labels.selection import Choice

WORKLIST_FILE = "worklist.csv"
KEY_FILE = "key.csv"
AUDIT_FILE = "audit.json"

WORKLIST_COLUMNS = ("item", "image", "mask", "node", "verdict", "confidence", "comment")
KEY_COLUMNS = ("item", "image_digest", "mask_digest", "node", "label", "ranked", "control", "rank", "quality")


@dataclass(frozen=True, slots=True)
class Item:
    """
    One node of a worklist, as its key knows it.

    Attributes:
        number: From 1, in the order of the worklist.
        node: As reviews name it.
        label: When the reader was asked: 1 metastatic, 0 benign.
        ranked: Whether it is asked about for its rank.
        control: Whether it was drawn at random from all nodes that nobody had reviewed.
        rank: From 1, the label most to be doubted.
        quality: Probability of the given label.
    """

    number: int
    node: ReviewedNode
    label: int
    ranked: bool
    control: bool
    rank: int
    quality: float


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What a reader filled in.

    Attributes:
        item: Number of the item.
        verdict: What the reader holds the node to be.
        confidence: From 1, a guess, to 5, certain; None where not said.
        comment: In the reader's words.
    """

    item: int
    verdict: Verdict
    confidence: int | None = None
    comment: str = ""


def items_of(
    cohort: Cohort, cases: Sequence[Case], choices: Sequence[Choice], qualities: NDArray[np.float64]
) -> tuple[Item, ...]:
    """The chosen nodes, numbered; ``cases`` and ``qualities`` are those of the audited nodes."""
    return tuple(
        Item(
            number=number,
            node=node_of(cohort, cases[choice.node]),
            label=cases[choice.node].label,
            ranked=choice.ranked,
            control=choice.control,
            rank=choice.rank,
            quality=float(qualities[choice.node]),
        )
        for number, choice in enumerate(choices, start=1)
    )


def write_worklist(folder: Path, table: Path, cases: Sequence[Case], items: Sequence[Item]) -> None:
    """Write both tables; ``cases`` are the items' own, and paths are relative to the table of cases."""
    home = table.parent
    rows = [
        [item.number, os.path.relpath(case.image, home), os.path.relpath(case.mask, home), case.node, "", "", ""]
        for item, case in zip(items, cases, strict=True)
    ]
    keys = [
        [
            *(item.number, item.node.image_digest, item.node.mask_digest, item.node.label, item.label),
            *(int(item.ranked), int(item.control), item.rank, repr(item.quality)),
        ]
        for item in items
    ]
    write_rows(folder / KEY_FILE, KEY_COLUMNS, keys)
    write_rows(folder / WORKLIST_FILE, WORKLIST_COLUMNS, rows)


def read_key(folder: Path) -> tuple[tuple[Item, ...], str]:
    """
    The items of an audit, and the digest by which it is known.

    Raises:
        InvalidWorklist: the folder has no key, or a damaged one.
    """
    path = folder / KEY_FILE
    try:
        items = tuple(
            Item(
                number=int(row["item"]),
                node=ReviewedNode(int(row["node"]), row["image_digest"], row["mask_digest"]),
                label=int(row["label"]),
                ranked=bool(int(row["ranked"])),
                control=bool(int(row["control"])),
                rank=int(row["rank"]),
                quality=float(row["quality"]),
            )
            for _, row in _rows(path, KEY_COLUMNS)
        )
    except ValueError as error:
        raise InvalidWorklist(f"{folder} is no folder of an audit: {error}") from error
    return items, hashlib.sha256(path.read_bytes()).hexdigest()


def read_synthetic(folder: Path) -> bool:
    """
    Whether an audit is of phantoms.

    Raises:
        InvalidWorklist: the folder does not say.
    """
    try:
        return bool(json.loads((folder / AUDIT_FILE).read_text(encoding="utf-8"))["synthetic"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidWorklist(f"{folder} is no folder of an audit: its {AUDIT_FILE} is missing or damaged") from error


def read_answers(path: Path, items: Sequence[Item]) -> tuple[Answer, ...]:
    """
    What a reader filled in; rows without a verdict are left out.

    Raises:
        InvalidWorklist: the table is another, or a cell is not what may stand there; the message names the row.
    """
    known = {item.number: item for item in items}
    answers: dict[int, Answer] = {}
    for number, row in _rows(path, WORKLIST_COLUMNS):
        where = f"{path}, row {number}"
        item = known.get(int(row["item"])) if row["item"].isdecimal() else None
        if item is None:
            raise InvalidWorklist(f"{where}: item {row['item']!r} is none of the audit's {len(items)}")
        if row["node"] != str(item.node.label):
            raise InvalidWorklist(f"{where}: item {item.number} is node {item.node.label}, not {row['node']}")
        if item.number in answers:
            raise InvalidWorklist(f"{where}: item {item.number} is answered twice")
        if row["verdict"]:
            answers[item.number] = _answer(where, item, row)
    return tuple(answers.values())


def _answer(where: str, item: Item, row: Mapping[str, str]) -> Answer:
    verdict = row["verdict"].casefold()
    if verdict not in [*Verdict]:
        raise InvalidWorklist(f"{where}: verdict {row['verdict']!r} must be one of {', '.join(Verdict)}, or empty")
    levels = [str(level) for level in range(1, HIGHEST_CONFIDENCE + 1)]
    if row["confidence"] not in ("", *levels):
        raise InvalidWorklist(f"{where}: confidence {row['confidence']!r} must be one of {', '.join(levels)}, or empty")
    confidence = int(row["confidence"]) if row["confidence"] else None
    return Answer(item.number, Verdict(verdict), confidence, row["comment"])


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and cells of each row; semicolons, which some spreadsheets write, are read too."""
    if not path.is_file():
        raise InvalidWorklist(f"{path}: no such file")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidWorklist(f"{path} is not in UTF-8; save it as CSV in UTF-8") from error
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter)
    for name in columns:
        if name not in (reader.fieldnames or ()):
            raise InvalidWorklist(f"{path} has no column {name!r}; it needs {','.join(columns)}")
    for row in reader:
        yield reader.line_num, {name: (row[name] or "").strip() for name in columns}
