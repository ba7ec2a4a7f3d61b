from dataclasses import replace

import numpy as np
import pytest

from imaging.roc import auc_with_interval
from tests.training.labels.panels import noisy_panel, panel_of, random_panel
from training.labels.audited import audited
from training.labels.noise import NO_NOISE, label_qualities, suspects


@pytest.fixture(scope="module")
def seeing():
    """The audit of two who see the truth by different features."""
    return audited(noisy_panel()[0], synthetic=True, seed=0)


@pytest.fixture(scope="module")
def guessing():
    """The audit of two who know nothing."""
    return audited(random_panel(), synthetic=True, seed=0)


def test_an_audit_with_good_auditors_sees(seeing):
    """It counts what it looked at, and measures each auditor and their mean."""
    panel, audit = noisy_panel()[0], seeing

    assert (400, 200, 0, True) == (audit.node_count, audit.patient_count, audit.left_out_count, audit.synthetic)
    assert ["one", "other", "together"] == [each.name for each in (*audit.opinions, audit.together)]
    assert auc_with_interval(panel.labels, panel.auditors[0].scores, panel.patients) == audit.opinions[0].auc
    assert not audit.blind
    assert audit.together.auc.value > max(each.auc.value for each in audit.opinions)


def test_what_was_reviewed_is_not_in_doubt():
    """Suspects and noise are those of the other labels; an auditor is judged by all of them."""
    panel, flipped = noisy_panel()
    corrected = np.where(flipped, 1 - panel.labels, panel.labels)
    cases = tuple(replace(case, label=int(label)) for case, label in zip(panel.cases, corrected, strict=True))
    half = set(range(0, 400, 2))
    reviewed = replace(panel, cases=tuple(cases[n] if n in half else panel.cases[n] for n in range(400)))

    audit = audited(reviewed, True, 0, half)

    assert (200, 400) == (audit.reviewed_count, audit.node_count)
    assert 0 < suspects(reviewed.labels[1::2], reviewed.probabilities[1::2]).sum() == audit.together.suspect_count
    assert auc_with_interval(reviewed.labels, panel.probabilities, panel.patients) == audit.together.auc


def test_a_ledger_of_everything_leaves_nothing_to_audit():
    """Where all labels were reviewed none is wrong, and none is doubted."""
    panel = noisy_panel()[0]

    audit = audited(panel, True, 0, range(400))

    assert 400 == audit.reviewed_count
    assert [(NO_NOISE, 0)] * 3 == [(each.noise, each.suspect_count) for each in (*audit.opinions, audit.together)]
    assert (0, None) == (audit.agreements[0].either, audit.agreements[0].kappa)


def test_what_is_left_of_one_class_has_no_known_noise():
    """Where all labels of a class were reviewed confident learning has nothing to compare the others with."""
    panel = noisy_panel()[0]

    audit = audited(panel, True, 0, set(np.flatnonzero(panel.labels).tolist()))

    assert (None, 0) == (audit.together.noise, audit.together.suspect_count)
    assert auc_with_interval(panel.labels, panel.probabilities, panel.patients) == audit.together.auc


def test_after_a_guided_review_the_noise_looks_too_low():
    """Of what was not reviewed more is wrong than is estimated: its most doubtful labels are gone."""
    panel, flipped = noisy_panel()
    doubtful = set(np.argsort(label_qualities(panel.labels, panel.probabilities))[:120].tolist())
    labels = [1 - case.label if n in doubtful and flipped[n] else case.label for n, case in enumerate(panel.cases)]
    cases = tuple(replace(case, label=int(label)) for case, label in zip(panel.cases, labels, strict=True))
    left = [n for n in range(400) if n not in doubtful]

    noise = audited(replace(panel, cases=cases), True, 0, doubtful).together.noise

    assert noise is not None
    assert noise.total.upper < flipped[left].mean()


def test_an_audit_by_chance_is_blind(guessing):
    """Auditors who know nothing are said to be blind, each and together."""
    assert guessing.blind
    assert all(opinion.blind for opinion in guessing.opinions)


def test_an_audit_that_is_always_wrong_is_blind():
    """An AUC below one half is no sight either: the worklist would be of the right labels."""
    labels = np.arange(60) % 2
    scores = {name: np.random.default_rng(seed).normal(-2.0 * labels) for name, seed in (("one", 0), ("other", 1))}
    audit = audited(panel_of(scores, labels, {n: 1 / (1 + np.exp(-s)) for n, s in scores.items()}), True, 0)

    assert audit.together.auc.upper < 0.5
    assert audit.blind


def test_agreement_is_that_of_suspects(seeing, guessing):
    """Two auditors who see the same thing by different features doubt many of the same labels; two by chance few."""
    (much,), (little,) = seeing.agreements, guessing.agreements

    assert ("one", "other") == (much.one, much.other)
    assert much.both < much.either
    assert much.kappa > 0.3
    assert abs(little.kappa) < 0.3


def test_no_suspects_have_no_kappa():
    """Where nothing is doubted there is nothing to agree on."""
    labels = np.arange(40) % 2
    sure = {name: np.where(labels, 0.9, 0.1) for name in ("one", "other")}

    (agreement,) = audited(panel_of(sure, labels, sure), synthetic=True, seed=0).agreements

    assert (0, 0, None) == (agreement.both, agreement.either, agreement.kappa)
