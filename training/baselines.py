"""``nodelens-train baselines``: how far short axis, size and shape, and radiomic features get without a network."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imaging.atomic import write_text
from imaging.roc import Estimate, auc, auc_difference, auc_with_interval
from training.cases import Cohort
from training.curves import draw_roc
from training.errors import InvalidOptions
from training.evaluation import write_scores
from training.labels.relabelled import labelled_cohort, ledger_at, reviewed_places
from training.labels.trust import trust
from training.radiomics.baselines import SHORT_AXIS, out_of_fold_scores
from training.radiomics.features import CODES, NodeFeatures, load_features
from training.report.page import write_page
from training.report.picture import Picture
from training.split import patient_folds

HELP = "Measure what size, shape and radiomic features say, on the folds of `crossval`: the bar for every network"
TEMPLATE = Path(__file__).with_name("baselines.html.j2")
SMALLEST_FOLD_COUNT = 2


@dataclass(frozen=True, slots=True)
class BaselineResult:
    """
    How good a baseline is out of fold; intervals are 95 %, from resampled patients.

    Attributes:
        auc: Of all nodes, pooled.
        above_short_axis: By how much it exceeds the AUC of the short axis on the same nodes.
    """

    auc: Estimate
    above_short_axis: Estimate


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("--cases", type=Path, required=True, metavar="CSV", help="table: image,mask,node,patient,label")
    parser.add_argument("--labels", metavar="LEDGER@REV", help="labels as corrected there; all of it without @REV")
    parser.add_argument(
        "--unreviewed-noise",
        type=float,
        metavar="X",
        help="share of wrong labels among those without a review in the ledger, as random controls showed it: they "
        "count (1 - 2 X)^2 where classifiers learn (default: as much as all others)",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to write")
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="where features are kept (default: .crops beside CSV)"
    )
    parser.add_argument("--folds", type=int, default=5, metavar="N", help="parts of the patients; default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of folds and forests")


def run(args: argparse.Namespace) -> None:
    """
    Write ``baselines.json``, ``baselines.html``, ``predictions.csv`` and ``roc.png``.

    Nodes at the edge of their CT count too: unlike crops, features need no surroundings.

    Raises:
        TrainingError: cases or options are not fit for it.
    """
    if args.folds < SMALLEST_FOLD_COUNT:
        raise InvalidOptions(f"--folds {args.folds}: learning and test need one each at least")
    _require_noise(args.unreviewed_noise, args.labels)
    cohort = labelled_cohort(args.cases, args.labels)
    folds = patient_folds(cohort.cases, args.folds, args.seed)
    features = load_features(cohort, args.cache)
    labels, patients = np.array([case.label for case in features.cases]), [case.patient for case in features.cases]
    rows = [features.rows(fold).tolist() for fold in folds]
    weights = _weights(args.unreviewed_noise, cohort, features)
    scores = out_of_fold_scores(features, labels, patients, rows, args.seed, weights)
    results = measured(labels, scores, patients)
    write_scores(args.out / "predictions.csv", features.cases, scores)
    draw_roc(args.out / "roc.png", labels, scores, f"Baselines, {len(labels)} nodes, out of fold{_mark(cohort)}")
    _write(args, cohort, features, results)
    sys.stdout.write(table_of(results) + f"\n{_summary(cohort, features)}{_mark(cohort)}\n")


def _require_noise(noise: float | None, labels: str | None) -> None:
    if noise is not None and (labels is None or not 0 <= noise <= 0.5):
        raise InvalidOptions(f"--unreviewed-noise {noise}: must be from 0 to 0.5, and goes with --labels")


def _weights(noise: float | None, cohort: Cohort, features: NodeFeatures) -> NDArray[np.float64] | None:
    """What the label of each node with features counts for, (nodes,); None if all count alike."""
    if noise is None or cohort.labels is None:
        return None
    # At the revision that the labels are of: somebody may be appending to the ledger.
    _, ledger = ledger_at(cohort.labels)
    return trust(reviewed_places(cohort, ledger), len(cohort.cases), noise)[features.case_indices]


def measured(
    labels: NDArray[np.int64], scores: Mapping[str, NDArray[np.float64]], patients: Sequence[str]
) -> dict[str, BaselineResult]:
    """
    Measure scores, the short axis among them, by the names of their baselines.

    Raises:
        InvalidCases: a class is missing.
    """
    return {
        name: BaselineResult(
            auc_with_interval(labels, values, patients),
            auc_difference(labels, values, scores[SHORT_AXIS], patients),
        )
        for name, values in scores.items()
    }


def table_of(results: Mapping[str, BaselineResult]) -> str:
    """Results by name as a Markdown table."""
    rows = [f"| {name} | {result.auc} | {result.above_short_axis} |" for name, result in results.items()]
    return "\n".join(["| | AUC (95 % interval) | difference to the short axis |", "|---|---|---|", *rows]) + "\n"


def _write(
    args: argparse.Namespace, cohort: Cohort, features: NodeFeatures, results: Mapping[str, BaselineResult]
) -> None:
    labels = [case.label for case in features.cases]
    alone = {name: auc(labels, column) for name, column in zip(CODES, features.values.T, strict=True)}
    content = {
        "synthetic": cohort.synthetic,
        "cohort_digest": cohort.digest,
        "labels_digest": cohort.labels_digest,
        "nodes": len(features.cases),
        "nodes_beyond_ct": len(cohort.cases) - len(features.cases),
        "folds": args.folds,
        "seed": args.seed,
        "unreviewed_noise": args.unreviewed_noise,
        "baselines": {name: asdict(result) for name, result in results.items()},
        "features": {name: {"ibsi_code": code or None, "auc": alone[name]} for name, code in CODES.items()},
    }
    write_text(args.out / "baselines.json", json.dumps(content, indent=1) + "\n")
    write_page(
        args.out / "baselines.html",
        TEMPLATE,
        cohort.synthetic,
        summary=_summary(cohort, features),
        folds=args.folds,
        seed=args.seed,
        results=results,
        features=[(name, code, alone[name]) for name, code in CODES.items()],
        roc=Picture.read(args.out / "roc.png", "ROC curves of the baselines"),
    )


def _summary(cohort: Cohort, features: NodeFeatures) -> str:
    patients = len({case.patient for case in features.cases})
    beyond = len(cohort.cases) - len(features.cases)
    left_out = f"; {beyond} node(s) beyond their CT are left out" if beyond else ""
    return f"{len(features.cases)} nodes of {patients} patients{left_out}"


def _mark(cohort: Cohort) -> str:
    return " (SYNTHETIC phantoms)" if cohort.synthetic else ""
