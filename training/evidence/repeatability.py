"""Whether another seed would have shown the same."""

from dataclasses import dataclass

import numpy as np

from imaging.roc import Estimate
from training.crops import NodeCrops
from training.errors import InvalidRun
from training.evidence.measured import mean_of
from training.evidence.similarity import rank_correlations
from training.predict import slice_evidence
from training.run import Run


@dataclass(frozen=True, slots=True)
class Repeatability:
    """
    Two networks that differ by their seed, on nodes that neither learnt from.

    Attributes:
        node_count: Nodes compared.
        correlation: Rank correlation of their evidence over the cells of a node's maps, mean over nodes.
    """

    node_count: int
    correlation: Estimate | None


def repeatability(run: Run, other: Run, crops: NodeCrops) -> Repeatability:
    """
    Compare the maps of two runs on the test part of the first, without what the other learnt from.

    Arun et al. (2021, doi:10.1148/ryai.2021200267) ask this of saliency maps: retrained, all must agree.

    Raises:
        InvalidRun: the runs are not finished, are not of the same data, network and crops, have the same seed, or
            leave no node.
    """
    _require_comparable(run, other)
    learnt = set(crops.rows_of(other.split).training)
    rows = np.array([row for row in crops.rows_of(run.split).test if row not in learnt], dtype=np.int64)
    if not len(rows):
        raise InvalidRun(f"{other.folder} has learnt from every test node of {run.folder}; use another --seed there")
    maps, others = (slice_evidence(each.network(), crops.pixels[rows]) for each in (run, other))
    patients = [crops.cases[row].patient for row in rows]
    return Repeatability(len(rows), mean_of(rank_correlations(maps, others), patients))


def _require_comparable(run: Run, other: Run) -> None:
    one, two = run.config, other.config
    if one.cohort_digest != two.cohort_digest or one.network != two.network:
        raise InvalidRun(f"{other.folder} is of other cases or another network than {run.folder}; fit both alike")
    if one.spec != two.spec:
        raise InvalidRun(f"{other.folder} has other crops than {run.folder}; give both the same --side-mm and options")
    if one.seed == two.seed:
        raise InvalidRun(f"{other.folder} has the same seed as {run.folder}; fit it with another --seed")
