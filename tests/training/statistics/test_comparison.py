"""Networks and baselines on the same nodes."""

import numpy as np
import pytest

from imaging.roc import auc_difference, auc_with_interval
from tests.training.statistics.nodes import scored_nodes
from training.errors import InvalidCases
from training.statistics.comparison import SHORT_AXIS, compared
from training.statistics.delong import auc_difference_test, auc_interval


def test_each_score_is_a_row_beside_the_reference():
    """Rows keep their order; the reference has no difference, the others have theirs by three ways."""
    labels, scores, patients = scored_nodes(0, 60, per_patient=2, shared=0.3)
    noise = np.random.default_rng(5).normal(size=120)
    reference, network = compared(labels, patients, {SHORT_AXIS: noise, "network": scores})

    assert (SHORT_AXIS, None) == (reference.name, reference.above)
    assert "network" == network.name
    assert auc_with_interval(labels, scores, patients) == network.bootstrap
    assert auc_interval(labels, scores, patients) == network.clustered
    assert auc_interval(labels, scores) == network.delong
    assert auc_difference(labels, scores, noise, patients) == network.above.bootstrap
    assert auc_difference_test(labels, scores, noise, patients) == network.above.clustered
    assert network.above.delong.p < 0.05


@pytest.mark.parametrize("spoilt", [[0.1, 0.2, 0.3], [0.1, 0.2, 0.3, np.nan]])
def test_a_score_that_lacks_a_node_is_refused(spoilt):
    """All rows are about the same nodes, or there is no table; the message names the score."""
    with pytest.raises(InvalidCases, match="the score 'forest' has no value for some of the 4 nodes"):
        compared([0, 1, 0, 1], list("abcd"), {SHORT_AXIS: [1, 2, 3, 4], "forest": spoilt})
