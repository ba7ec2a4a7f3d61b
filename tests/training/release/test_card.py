"""A model's card says what its manifest says."""

import json
from dataclasses import replace

import pytest

from imaging.manifest import Gate
from tests.imaging.manifests import manifest
from tests.training.configs import config
from tests.training.release.known import OWN, SHOWN, facts
from training.release.card import card_of, markdown_table, table_of_gates, verdict_of
from training.release.facts import Facts

UNMEASURED = Gate("control", None, None, None, 0.5, False, "interval contains 0.5", "give --control")


def test_numbers_and_verdicts_are_the_manifests():
    """Every metric and gate of the manifest is in the card, with its interval."""
    told = manifest(gates=(*manifest().gates, UNMEASURED))
    text = card_of(told, facts(), config()).to_markdown()

    for metric in told.metrics:
        assert f"| {metric.name} | {metric.value:.3f} ({metric.lower:.3f} to {metric.upper:.3f}) |" in text
    assert "| auc above chance | 0.800 (0.700 to 0.900) |  | passed |  |" in text
    assert "| control | – | interval contains 0.5 | NOT MEASURED | give --control |" in text
    assert "Gates that are not passed: control." in text
    assert f"| {json.dumps(told.preprocessing.to_dict()['version'])} |" in text


@pytest.mark.parametrize(("gates", "verdict"), [(manifest().gates, "RELEASED"), ((UNMEASURED,), "NOT RELEASED")])
def test_the_title_tells_the_verdict(gates, verdict):
    """One gate that was not measured is no release."""
    told = manifest(gates=gates)

    assert verdict == verdict_of(told).removesuffix(" (research only)")
    assert card_of(told, facts(), config()).title.endswith(verdict_of(told))


def test_phantoms_and_limits_are_told():
    """Research only, always; SYNTHETIC where it is; labels, guidance and what was not cross-validated."""
    text = card_of(manifest(), Facts(OWN), config()).to_markdown()
    data = manifest().training_data
    real = manifest(training_data=type(data)(data.digest, False, data.patient_count, data.node_count))

    assert "not a diagnosis" in text
    assert "SYNTHETIC" in text
    assert "ledger.jsonl@12" in text
    assert "there was no cross-validation" in text
    assert "SYNTHETIC" not in card_of(real, facts(), config()).to_markdown()
    guided = replace(SHOWN, guided=True)
    assert "Its heat maps were trained on" in card_of(real, facts(shown=guided), config()).to_markdown()


def test_what_was_learnt_by_heart_is_told():
    """The AUC of nodes that were learnt from stands beside that out of fold, where it is known."""
    known = facts()
    gap = 0.97 - known.out_of_fold.auc.value

    assert f"a gap of {gap:.3f}." in card_of(manifest(), known, config()).to_markdown()
    unknown = facts(out_of_fold=replace(known.out_of_fold, training_auc=None))
    assert "a gap of" not in card_of(manifest(), unknown, config()).to_markdown()
    assert "a gap of" not in card_of(manifest(), Facts(OWN), config()).to_markdown()


def test_a_cell_cannot_break_a_table():
    """A bar in a name is escaped."""
    assert ["| a |", "|---|", "| b\\|c |"] == markdown_table((("a",), ("b|c",)))


def test_exact_values_have_no_interval():
    """Zero patients are zero."""
    [_, row] = table_of_gates((Gate("leaks", 0, 0, 0, 0, True, "≤ 0"),))

    assert ("leaks", "0", "≤ 0", "passed", "") == row
