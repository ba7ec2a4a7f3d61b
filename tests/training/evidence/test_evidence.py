"""All that a run's heat maps can be held to."""

from dataclasses import replace

import numpy as np
import pytest

from imaging.roc import Estimate
from tests.training.fitted import answers


def test_only_the_test_part_is_held_to(fitted, parts):
    """Nodes are those of the test part; by label they add up to all."""
    _, _, held_out = answers(fitted)
    evidence, nodes, _ = parts

    assert (len(held_out.labels), len(set(held_out.patients))) == (evidence.node_count, evidence.patient_count)
    assert held_out.patients == nodes.patients.tolist()
    counts = {name: group.node_count for name, group in evidence.localisation.items()}
    assert {"all": counts["benign"] + counts["metastatic"]} | counts == counts
    assert evidence.node_count == counts["all"]
    assert evidence.synthetic


def test_the_lift_is_that_of_the_evaluation(fitted, parts):
    """Where no map is empty both commands give one number; the evaluation counts an empty one as 0."""
    _, _, held_out = answers(fitted)
    everything = parts[0].localisation["all"]
    filled = everything.node_count - everything.empty_count

    assert held_out.lifts.sum() / filled == pytest.approx(everything.lift.value)
    assert np.count_nonzero(held_out.lifts) <= filled


def test_verdicts_need_the_whole_interval(parts):
    """A value on the right side whose interval is not does not hold."""
    evidence, *_ = parts
    everything = evidence.localisation["all"]

    def verdicts(lift, above):
        localisation = evidence.localisation | {"all": replace(everything, lift=lift)}
        changed = replace(evidence.randomisation, lift_above=above)
        return list(replace(evidence, localisation=localisation, randomisation=changed).verdicts.values())[:2]

    assert [True, True] == verdicts(Estimate(2.0, 1.5, 2.5), Estimate(1.0, 0.5, 1.5))
    assert [False, False] == verdicts(Estimate(2.0, 0.9, 2.5), Estimate(1.0, -0.5, 1.5))
    assert [False, False] == verdicts(None, None)
