"""The gates refuse a model for the right reason."""

from dataclasses import replace

import pytest

from imaging.roc import Estimate
from tests.training.release.known import (
    OWN,
    SHOWN,
    SURE,
    facts,
    looking_at_size,
    looking_at_the_node,
    out_of_fold,
    shown_by,
)
from training.release.facts import Audited, Baselines, Facts, Group
from training.release.gates import gates_of
from training.release.thresholds import Thresholds

ABOVE_SIZE = "out-of-fold AUC above the short axis"
ELSEWHERE = "change without the node above that without as much elsewhere"
SWAPPED = "change without the node above that on other backgrounds"
LIFT = "heat-map lift"
FRESH = "heat-map lift above that of weights which learnt nothing"
PHANTOMS = "trained and measured on patients: phantoms among them"


def refused_by(known, asked=None):
    """The names of the gates that are not passed."""
    return {gate.name for gate in gates_of(known, asked) if not gate.passed}


def test_a_sound_model_passes_all():
    """Where nothing speaks against a model of real patients it is released."""
    assert set() == refused_by(facts())


def test_a_network_that_measures_size_is_refused():
    """It is better than chance, calibrated, and looks at the node: only the short axis stops it."""
    found = out_of_fold(looking_at_size())

    assert found.auc.lower > 0.55
    assert {ABOVE_SIZE} == refused_by(facts(out_of_fold=found))


def test_a_network_that_reads_a_marker_is_refused():
    """Its AUC is as high as that of an honest one: painting nodes out and the place of the heat stop it."""
    logits = looking_at_the_node()
    honest, cheat = shown_by(logits, node_share=0.9), shown_by(logits, node_share=0.05)

    assert set() == refused_by(facts(shown=honest))
    assert {LIFT, ELSEWHERE, SWAPPED} == refused_by(facts(shown=replace(cheat, above_fresh=SURE)))


def test_phantoms_never_pass():
    """A model that passes all else is refused if it learnt from phantoms, and the note says why."""
    known = facts(own=replace(OWN, phantoms=60))

    assert {PHANTOMS} == refused_by(known)
    assert "never a clinical value" in gates_of(known)[0].note


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"own": replace(OWN, crossing_patients=1)}, {"split by patient: patients in two parts"}),
        (
            {"own": replace(OWN, crossing_duplicates=1)},
            {"split by patient: one node under two patients, in two parts"},
        ),
        ({"own": replace(OWN, auc=Estimate(0.6, 0.4, 0.8))}, {"AUC of this network on its held-out patients"}),
        (
            {"own": replace(OWN, heatmap_difference=1e-3)},
            {"model file: largest difference of a heat map"},
        ),
        ({"control": Estimate(0.6, 0.55, 0.65)}, {"permuted labels: out-of-fold AUC"}),
        ({"control": Estimate(0.5, 0.2, 0.8)}, {"permuted labels: out-of-fold AUC"}),
        ({"shown": replace(SHOWN, above_fresh=Estimate(0.2, -0.1, 0.5))}, {FRESH}),
        ({"shown": replace(SHOWN, lift=None)}, {LIFT}),
        ({"shown": replace(SHOWN, empty_share=0.6)}, {"empty heat maps: share of held-out nodes"}),
        ({"correlation": Estimate(0.5, 0.3, 0.7)}, {"maps of another seed: rank correlation"}),
        (
            {"baselines": Baselines({"radiomics LR": SURE}, "radiomics LR", Estimate(-0.03, -0.06, 0.01))},
            {"out-of-fold AUC above the best radiomic baseline"},
        ),
        (
            {"audited": Audited(Estimate(0.55, 0.45, 0.65), Estimate(0.1, 0.05, 0.14))},
            {"label audit can see: AUC of its auditors"},
        ),
        ({"audited": Audited(SURE, Estimate(0.1, 0.05, 0.2))}, {"label audit: share of wrong labels"}),
    ],
)
def test_each_fault_has_its_gate(changes, names):
    """One fault fails the gate that asks for it."""
    assert names == refused_by(facts(**changes))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"slope": Estimate(0.6, 0.4, 0.8)}, "calibration slope"),
        ({"slope": Estimate(1.8, 1.4, 2.2)}, "calibration slope"),
        ({"intercept": Estimate(-0.5, -0.8, -0.2)}, "calibration intercept"),
        ({"repeat_range": 0.08}, "AUC over repeats: highest minus lowest"),
        ({"repeat_range": None}, "AUC over repeats: highest minus lowest"),
        ({"groups": ()}, "out-of-fold AUC of the worst subgroup"),
    ],
)
def test_each_fault_out_of_fold_has_its_gate(changes, name):
    """Calibration, repeats and subgroups are asked for one by one."""
    assert {name} == refused_by(facts(out_of_fold=replace(facts().out_of_fold, **changes)))


def test_the_worst_group_is_named():
    """Of all groups that are large enough the worst counts."""
    groups = (Group("good", 90, SURE), Group("bad", 90, Estimate(0.55, 0.4, 0.7)), Group("few", 3, None))
    known = facts(out_of_fold=replace(facts().out_of_fold, groups=groups))
    [gate] = [gate for gate in gates_of(known) if not gate.passed]

    assert ("bad", 0.55, 0.6) == (gate.note, gate.value, gate.threshold)


def test_what_is_not_given_is_asked_all_the_same():
    """Knowing only the run, as many gates are asked; the others say what to give and have not passed."""
    alone = gates_of(Facts(OWN))
    unmeasured = [gate for gate in alone if not gate.measured]

    assert [gate.name for gate in gates_of(facts())] == [gate.name for gate in alone]
    assert 16 == len(unmeasured)
    assert all(gate.note and not gate.passed for gate in unmeasured)
    assert all(gate.passed for gate in alone if gate.measured)


def test_a_share_that_reviews_have_spoilt_is_not_measured():
    """Where some labels were reviewed, the gate of the others stays open and says how it could be measured."""
    [gate] = [gate for gate in gates_of(facts(audited=Audited(SURE, None))) if not gate.passed]

    assert ("label audit: share of wrong labels", False) == (gate.name, gate.measured)
    assert "by random controls only" in gate.note


def test_thresholds_can_be_others():
    """A bar of one's own is used in place of ours."""
    assert {"maps of another seed: rank correlation"} == refused_by(facts(), Thresholds(correlation=0.65))


def test_maps_that_were_trained_on_are_told():
    """With guidance the gates of heat maps carry a remark, those of painted-out nodes none."""
    notes = {gate.name: gate.note for gate in gates_of(facts(shown=replace(SHOWN, guided=True)))}

    assert "the maps were trained on" == notes[LIFT] == notes[FRESH]
    assert "" == notes[ELSEWHERE]
