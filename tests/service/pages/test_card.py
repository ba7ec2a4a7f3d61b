"""What a page says about the model."""

from dataclasses import replace

from imaging.manifest import Gate
from service.findings import Notice
from service.pages.card import SYNTHETIC, UNRELEASED, ModelCard, notices_of
from service.results import findings_of
from tests.imaging.manifests import manifest
from tests.service.answers import answer
from tests.service.pages.studies import OPTIONS


def card(told):
    """The card of an answer's model."""
    return ModelCard.of(findings_of(answer(), told, OPTIONS), told)


def test_phantoms_and_missing_gates_are_warnings():
    """Each is said where it holds, and only there."""
    patients = replace(manifest().training_data, synthetic=False)

    assert (SYNTHETIC,) == card(manifest()).warnings
    assert (SYNTHETIC, UNRELEASED) == card(manifest(gates=())).warnings
    assert () == card(manifest(training_data=patients)).warnings
    assert (" (SYNTHETIC)", "") == (card(manifest()).mark, card(manifest(training_data=patients)).mark)


def test_metrics_have_their_intervals_and_the_data_they_are_of():
    """A number is nothing without them."""
    facts = dict(card(manifest()).facts)

    assert "0.800 (95% interval 0.700 to 0.900)" == facts["auc (held-out patients)"]
    assert "60 nodes of 30 SYNTHETIC phantoms" == facts["Learnt from"]


def test_gates_have_their_verdicts():
    """One that was not measured says so, in capitals."""
    open_gate = Gate("AUC of others", None, None, None, 0.5, False, "above 0.5")

    assert [("AUC of others", "above 0.5", "–", "NOT MEASURED")] == list(card(manifest(gates=(open_gate,))).gates)


def test_without_the_manifest_the_findings_tell_what_they_know():
    """Name, digest and warnings are in them."""
    told = ModelCard.of(findings_of(answer(), manifest(gates=()), OPTIONS), None)

    assert ("cnn, version 2", "ab" * 32, 0.3) == (told.name, told.digest, told.operating_point)
    assert (SYNTHETIC, UNRELEASED) == told.warnings
    assert () == told.facts


def test_notices_that_are_warnings_already_are_not_said_twice():
    """What is left is told as sentences."""
    notices = (Notice("SYNTHETIC_MODEL", "phantoms"), Notice("EMPTY_MASK", "the mask marks nothing"))

    assert ("The mask marks nothing.",) == notices_of(findings_of(answer(notices=notices), manifest(), OPTIONS))
