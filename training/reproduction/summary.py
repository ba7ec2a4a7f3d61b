"""What the numbers say, in words."""

from collections.abc import Iterator, Sequence

from imaging.roc import Estimate
from training.reproduction.draws import Drawn
from training.reproduction.recovery import ENOUGH, Recovery
from training.reproduction.table3 import TableRow

CHANCE = 0.5
BY_HEART = 0.95
"""Training accuracy from which a network counts as one that learnt by heart."""


def table_sentence(row: TableRow) -> str:
    """What a row of Table 3 shows."""
    learnt = "learnt its slices by heart" if row.training_accuracy >= BY_HEART else "did not learn its slices by heart"
    return (
        f"{row.name} {learnt} (training accuracy {row.training_accuracy:.2f}). On the given labels of "
        f"{row.slice_count} test slices its AUC {_against_chance(row.given_auc)}: {row.given_auc}; on the true ones it "
        f"{_against_chance(row.true_auc)}: {row.true_auc}."
    )


def recovery_sentence(recovery: Recovery) -> str:
    """What the cure of a model shows at one point."""
    reviewed = f"review of {recovery.share:.0%} of the labels ({recovery.reviewed_count} nodes)"
    compared = (
        f"{recovery.model}: wrong labels took {recovery.taken} of AUC. After {reviewed}, guided by the audit it has "
        f"{recovery.guided}, at random {recovery.random}; guided {_beats(recovery.above_random)} random (difference "
        f"{recovery.above_random})."
    )
    if recovery.recovered is None:
        return f"{compared} Nothing was taken, so that nothing can be recovered."
    enough = "at least" if recovery.recovered >= ENOUGH else "less than"
    return f"{compared} Guided review recovers {recovery.recovered:.0%} of what was taken: {enough} half."


def draws_sentence(drawn: Drawn) -> str:
    """What the cure of a model shows over many draws of wrong labels."""
    compared = (
        f"{drawn.model}, mean of {drawn.draw_count} draws of wrong labels: AUC {drawn.noisy.value:.3f} without review, "
        f"{drawn.clean.value:.3f} with clean labels. After review of {drawn.share:.0%} guided by the audit "
        f"{drawn.guided}, at random {drawn.random}; guided {_beats(drawn.above_random)} random (difference "
        f"{drawn.above_random})."
    )
    if drawn.recovered is None or drawn.recovered_at_random is None:
        return f"{compared} Nothing was taken, so that nothing can be recovered."
    enough = "at least" if drawn.recovered >= ENOUGH else "less than"
    return (
        f"{compared} Guided review recovers {drawn.recovered:.0%} of what was taken, {enough} half; review at random "
        f"{drawn.recovered_at_random:.0%}."
    )


def summary(
    rows: Sequence[TableRow], recoveries: Sequence[Recovery], draws: Sequence[Drawn], share: float
) -> Iterator[str]:
    """A sentence or more for each row of the table, and for each model at one point of the curves."""
    yield from map(table_sentence, rows)
    yield from (draws_sentence(each) for each in draws if each.share == share)
    yield from (recovery_sentence(each) for each in recoveries if each.share == share)


def _against_chance(auc: Estimate) -> str:
    if auc.lower > CHANCE:
        return "is above chance"
    return "is below chance" if auc.upper < CHANCE else "may be chance"


def _beats(difference: Estimate) -> str:
    if difference.lower > 0:
        return "beats"
    return "loses against" if difference.upper < 0 else "cannot be told from"
