"""The gates of a release: each is asked of every model, and what was not measured has not passed."""

from collections.abc import Iterator

from imaging.manifest import Gate
from imaging.roc import Estimate
from training.release.facts import Audited, Baselines, Facts, Group, OutOfFold, Own, Shown
from training.release.thresholds import Thresholds
from training.release.verdict import above, around, at_least, at_most, below, near_one, near_zero

NO_CROSSVAL = "give --crossval"
ALL_EMPTY = "no node could tell"
PARTLY_REVIEWED = "estimable after reviews by random controls only, or review all"


def gates_of(facts: Facts, asked: Thresholds | None = None) -> tuple[Gate, ...]:
    """Hold what is known of a model to the thresholds, the usual ones if none are given."""
    thresholds = asked or Thresholds()
    return (
        *_of_data(facts.own, facts.control, thresholds),
        *_of_answers(facts.own, facts.out_of_fold, thresholds),
        _of_baselines(facts.baselines, thresholds),
        *_of_evidence(facts.shown, facts.correlation, thresholds),
        *_of_labels(facts.own, facts.audited, thresholds),
        *_of_file(facts.own, thresholds),
    )


def _of_data(own: Own, control: Estimate | None, asked: Thresholds) -> Iterator[Gate]:
    note = "phantoms prove the machinery, never a clinical value" if own.phantoms else ""
    yield at_most("trained and measured on patients: phantoms among them", own.phantoms, 0, note)
    yield at_most("split by patient: patients in two parts", own.crossing_patients, 0)
    yield at_most("split by patient: one node under two patients, in two parts", own.crossing_duplicates, 0)
    note = "give --control" if control is None else _too_wide(control, asked.control_half_width)
    yield around("permuted labels: out-of-fold AUC", control, asked.chance, asked.control_half_width, note)


def _too_wide(control: Estimate, half_width: float) -> str:
    return "too few runs or nodes to tell" if control.upper - control.lower > 2 * half_width else ""


def _of_answers(own: Own, found: OutOfFold | None, asked: Thresholds) -> Iterator[Gate]:
    missing = NO_CROSSVAL if found is None else ""
    yield above("AUC of this network on its held-out patients", own.auc, asked.chance)
    yield above("out-of-fold AUC", found.auc if found else None, asked.chance, missing)
    yield above(
        "out-of-fold AUC above the short axis", found.above_short_axis if found else None, asked.short_axis, missing
    )
    yield near_one("calibration slope", found.slope if found else None, asked.slope_factor, missing)
    yield near_zero("calibration intercept", found.intercept if found else None, asked.intercept, missing)
    worst = None if found is None else _worst(found.groups)
    note = missing or (worst.name if worst else "all groups are too small")
    yield at_least("out-of-fold AUC of the worst subgroup", worst.auc if worst else None, asked.subgroup, note)
    spread = None if found is None else found.repeat_range
    note = missing or ("cross-validate with --repeats 3" if spread is None else "")
    yield at_most("AUC over repeats: highest minus lowest", spread, asked.repeat_range, note)


def _worst(groups: tuple[Group, ...]) -> Group | None:
    measured = {group.auc.value: group for group in groups if group.auc is not None}
    return measured[min(measured)] if measured else None


def _of_baselines(found: Baselines | None, asked: Thresholds) -> Gate:
    note = "give --baselines" if found is None else f"the best is {found.best}"
    return above(
        "out-of-fold AUC above the best radiomic baseline", found.above_best if found else None, asked.baseline, note
    )


def _of_evidence(shown: Shown | None, correlation: Estimate | None, asked: Thresholds) -> Iterator[Gate]:
    note = "run `nodelens-train evidence`" if shown is None else ""
    empty = shown.empty_share if shown else None
    yield at_most("empty heat maps: share of held-out nodes", empty, asked.empty_share, note)
    known = {
        "heat-map lift": (shown.lift if shown else None, asked.lift),
        "heat-map lift above that of weights which learnt nothing": (shown.above_fresh if shown else None, asked.fresh),
        "change without the node above that without as much elsewhere": (
            shown.above_elsewhere if shown else None,
            asked.counterfactual,
        ),
        "change without the node above that on other backgrounds": (
            shown.above_swapped if shown else None,
            asked.counterfactual,
        ),
    }
    guided = "the maps were trained on" if shown is not None and shown.guided else ""
    for name, (estimate, bound) in known.items():
        why = note or (ALL_EMPTY if estimate is None else guided if name.startswith("heat-map") else "")
        yield above(name, estimate, bound, why)
    note = "give --repeat" if correlation is None else ""
    yield above("maps of another seed: rank correlation", correlation, asked.correlation, note)


def _of_labels(own: Own, found: Audited | None, asked: Thresholds) -> Iterator[Gate]:
    note = f"labels of {own.labels or 'the table'}"
    note += "; give --audit" if found is None else ""
    yield above("label audit can see: AUC of its auditors", found.auc if found else None, asked.auditor, note)
    note += f"; {PARTLY_REVIEWED}" if found is not None and found.wrong is None else ""
    yield below("label audit: share of wrong labels", found.wrong if found else None, asked.wrong_labels, note)


def _of_file(own: Own, asked: Thresholds) -> Iterator[Gate]:
    note = f"{own.node_count} held-out nodes"
    probability, heat = own.probability_difference, own.heatmap_difference
    yield at_most("model file: largest difference of a probability", probability, asked.probability_difference, note)
    yield at_most("model file: largest difference of a heat map", heat, asked.heatmap_difference, note)
