"""Wrong labels."""

import numpy as np
import pytest

from training.errors import InvalidOptions
from training.phantoms.ideal import sampled_ratios
from training.phantoms.label_noise import LabelNoise, flips
from training.phantoms.presets import LITERATURE

COUNT = 40_000
LABELS = np.arange(COUNT) % 2
RATIOS = sampled_ratios(LITERATURE, COUNT)
PATIENTS = np.arange(COUNT) // 3


def flipped(text, seed=0, count=COUNT, **options):
    """Which labels of the first nodes go wrong."""
    return flips(LabelNoise.parse(text), LABELS[:count], PATIENTS[:count], RATIOS[:count], seed, **options)


@pytest.mark.parametrize(
    ("text", "benign", "metastatic"),
    [
        ("symmetric:0.4", 0.4, 0.4),
        ("exact:0.4", 0.4, 0.4),
        ("per-class:0.1,0.3", 0.1, 0.3),
        ("symmetric:0", 0, 0),
        ("symmetric:1", 1, 1),
    ],
)
def test_rates_are_those_of_the_classes(text, benign, metastatic):
    """The first rate is that of benign nodes called metastatic, the second the other way; one rate is both."""
    wrong = flipped(text)

    assert wrong[LABELS == 0].mean() == pytest.approx(benign, abs=0.01)
    assert wrong[LABELS == 1].mean() == pytest.approx(metastatic, abs=0.01)


@pytest.mark.parametrize(("rate", "count"), [(0.42, 608), (0.4, 61), (0.0, 20), (1.0, 33)])
def test_exact_noise_has_the_share_that_was_asked_for(rate, count):
    """To the nearest node of all, and within one node of each class."""
    wrong = flipped(f"exact:{rate}", count=count)

    assert round(rate * count) == wrong.sum()
    assert all(
        abs(wrong[LABELS[:count] == label].sum() - rate * (LABELS[:count] == label).sum()) <= 1 for label in (0, 1)
    )


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.45])
def test_doubtful_nodes_go_wrong_most(rate):
    """Near the ideal observer's boundary a coin is tossed; far from it labels are safer; the mean is as asked."""
    wrong, doubt = flipped(f"boundary:{rate}"), np.argsort(np.abs(RATIOS))

    by_quarter = [wrong[quarter].mean() for quarter in np.array_split(doubt, 4)]
    assert wrong.mean() == pytest.approx(rate, abs=0.01)
    assert sorted(by_quarter, reverse=True) == by_quarter
    assert wrong[doubt[:400]].mean() == pytest.approx(0.5, abs=0.08)


def test_the_mean_rate_may_be_that_of_a_population():
    """Among nodes that are all clear, fewer labels go wrong than in the population the rate is meant for."""
    clear = np.abs(RATIOS) > 2
    noise = LabelNoise.parse("boundary:0.3")

    wrong = flips(noise, LABELS[clear], PATIENTS[clear], RATIOS[clear], 0, population=RATIOS)

    assert wrong.mean() < 0.25


def test_a_report_on_the_patient_makes_all_nodes_metastatic():
    """Where one node is metastatic all are called so, in as many patients as asked; patients without one stay."""
    labels, patients = np.array([0, 1, 0, 0, 0, 1, 1]), ["b", "b", "b", "a", "a", "c", "c"]

    always = flips(LabelNoise.parse("patient:1"), labels, patients, np.zeros(7), 0)
    half = flipped("patient:0.5")

    assert [True, False, True, False, False, False, False] == always.tolist()
    assert half[LABELS == 0].mean() == pytest.approx(0.5, abs=0.02)
    assert not half[LABELS == 1].any()
    of_patient = [set(half[PATIENTS == patient][LABELS[PATIENTS == patient] == 0]) for patient in range(200)]
    assert all(len(answers) == 1 for answers in of_patient)


@pytest.mark.parametrize("text", ["symmetric:0.4", "per-class:0.1,0.3", "boundary:0.3", "patient:0.5"])
def test_a_longer_cohort_goes_on(text):
    """Equal seeds flip alike, also in a cohort that goes on; another seed flips others."""
    whole = flipped(text, population=RATIOS)

    np.testing.assert_array_equal(flipped(text, count=301, population=RATIOS)[:300], whole[:300])
    assert (flipped(text, seed=1, population=RATIOS) != whole).any()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("worst:0.4", "KIND of symmetric, exact, per-class, boundary, patient"),
        ("symmetric", "is not KIND:RATE"),
        ("symmetric:much", "is not KIND:RATE"),
        ("symmetric:1.5", "rates must lie between 0 and 1"),
        ("symmetric:nan", "rates must lie between 0 and 1"),
        ("per-class:0.1", r"per-class needs 2 rate\(s\), got 1"),
        ("boundary:0.5", "between 0 and 0.5, both excluded"),
    ],
)
def test_what_is_no_noise_is_refused(text, message):
    """The message says what is expected."""
    with pytest.raises(InvalidOptions, match=message):
        LabelNoise.parse(text)


def test_noise_reads_as_it_is_written():
    """What stands in cohort.json can be given to the command again."""
    assert "per-class:0.1,0.3" == str(LabelNoise.parse("per-class:0.10,0.3"))
