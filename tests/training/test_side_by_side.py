"""Scores of several folders on the same nodes."""

from dataclasses import replace

import numpy as np
import pytest

from imaging.roc import auc
from training.errors import InvalidOptions, InvalidRun
from training.finished import Finished
from training.side_by_side import MEAN, SHAPE, scores_of, side_by_side
from training.statistics.delong import auc_difference_test

COUNT = 80
NODES = [(f"p{n // 2}", f"ct-{n}.nii.gz", "1") for n in range(COUNT)]
LABELS = {node: n // 2 % 2 for n, node in enumerate(NODES)}


def scores(shift, seed):
    """Scores of all nodes, the higher the shift the better."""
    noise = np.random.default_rng(seed).normal(size=COUNT)
    return {node: shift * LABELS[node] + noise[n] for n, node in enumerate(NODES)}


def network(name, shift, seed, **changes):
    """A finished cross-validation."""
    found = Finished(name, "digest", False, LABELS, {name: scores(shift, seed)}, {"network": "cnn"}, name)
    return replace(found, **changes)


BASE = Finished("base", "digest", False, LABELS, {"short axis": scores(1, 1), SHAPE: scores(1.2, 2)}, None, "base")


def test_all_rows_stand_beside_the_short_axis_and_the_shape():
    """Baselines come first, each network is compared with both and with each other one, and their mean is a row."""
    found = side_by_side(scores_of([network("one", 2.0, 3), BASE, network("other", 1.0, 4)]), synthetic=False)
    rows = {row.name: row for row in found.rows}

    assert ["short axis", SHAPE, "one", "other", MEAN] == list(rows)
    assert (COUNT, COUNT // 2, COUNT // 2, 0) == (
        found.node_count,
        found.patient_count,
        found.metastatic_count,
        found.left_out_count,
    )
    assert rows["short axis"].above is None
    assert set(rows) - {SHAPE} == set(found.above_shape)
    assert {"one", "other", MEAN} == set(found.pairs)
    assert {"other", MEAN} == set(found.pairs["one"])


def test_numbers_are_those_of_the_statistics():
    """A pair is DeLong's test for nodes in patients, and the mean row has the mean score."""
    one, other = network("one", 2.0, 3), network("other", 1.0, 4)
    given = scores_of([BASE, one, other])
    found = side_by_side(given, synthetic=False)
    first, second = given.networks["one"], given.networks["other"]

    expected = auc_difference_test(given.labels, first, second, given.patients)
    assert expected == found.pairs["one"]["other"]
    assert -expected.estimate.value == pytest.approx(found.pairs["other"]["one"].estimate.value)
    [mean] = [row for row in found.rows if row.name == MEAN]
    assert auc(given.labels, first + second) == pytest.approx(mean.clustered.value)


def test_only_nodes_that_all_answered_are_compared():
    """What one of them left out is left out of all, and counted."""
    missing = NODES[3]
    labels, own = ({k: v for k, v in each.items() if k != missing} for each in (LABELS, scores(2.0, 3)))

    given = scores_of([BASE, network("one", 2.0, 3, labels=labels, scores={"one": own})])

    assert (COUNT - 1, 1) == (len(given.labels), given.left_out_count)
    assert ["one"] == list(given.networks)


def test_folders_that_do_not_belong_together_are_refused():
    """Other labels, two rows of one name, and networks without a bar are no comparison."""
    with pytest.raises(InvalidRun, match="one is about other nodes, patients or labels than base"):
        scores_of([BASE, network("one", 2.0, 3, cohort_digest="other")])
    with pytest.raises(InvalidOptions, match="two rows are called 'one'"):
        scores_of([BASE, network("one", 2.0, 3), network("one", 1.0, 4)])
    with pytest.raises(InvalidOptions, match="give the folder of `baselines` too"):
        scores_of([network("one", 2.0, 3)])
