"""Networks and baselines of several folders, on the nodes that all of them answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.errors import InvalidOptions, InvalidRun
from training.finished import Finished
from training.labels.auditors import NodeName
from training.radiomics.baselines import BASELINES, SHORT_AXIS
from training.statistics.comparison import Above, Compared, above, compared
from training.statistics.delong import Difference, auc_difference_test

SHAPE = next(iter(BASELINES))
"""The baseline that knows size and shape alone."""

MEAN = "mean of all networks"
"""A row of its own where there are two at least: the mean logit. None of them was chosen, and no file holds it."""


@dataclass(frozen=True, slots=True)
class SideBySide:
    """
    Scores of the same nodes.

    Attributes:
        node_count: Nodes that all have answered.
        patient_count: Whose they are.
        metastatic_count: Of the nodes.
        left_out_count: Nodes that only some have answered.
        rows: Baselines first; the short axis is the reference.
        above_shape: By how much a row exceeds size and shape, by name.
        pairs: By how much a network exceeds another, by their names; DeLong's test for nodes in patients.
        synthetic: True for phantoms.
    """

    node_count: int
    patient_count: int
    metastatic_count: int
    left_out_count: int
    rows: tuple[Compared, ...]
    above_shape: Mapping[str, Above]
    pairs: Mapping[str, Mapping[str, Difference]]
    synthetic: bool


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """
    What is compared; all arrays are (nodes,).

    Attributes:
        labels: 1 metastatic, 0 benign.
        patients: Whose the nodes are.
        baselines: By name.
        networks: By name.
        left_out_count: Nodes that only some have answered.
    """

    labels: NDArray[np.int64]
    patients: tuple[str, ...]
    baselines: Mapping[str, NDArray[np.float64]]
    networks: Mapping[str, NDArray[np.float64]]
    left_out_count: int


def scores_of(folders: Sequence[Finished]) -> Scores:
    """
    The scores of several folders, on the nodes that all of them answered.

    Raises:
        InvalidRun: two are about other nodes, patients or labels.
        InvalidOptions: two have one name, or none holds baselines.
    """
    first = folders[0]
    for other in folders[1:]:
        if other.cohort_digest != first.cohort_digest:
            raise InvalidRun(
                f"{other.name} is about other nodes, patients or labels than {first.name}; compare folders of one "
                "table and one revision of its labels"
            )
    every = [set(folder.labels) for folder in folders]
    nodes = sorted(set.intersection(*every))
    found: dict[bool, dict[str, NDArray[np.float64]]] = {False: {}, True: {}}
    for folder in folders:
        for name, scores in folder.scores.items():
            if name in found[False] or name in found[True]:
                raise InvalidOptions(f"two rows are called {name!r}; give one folder as NAME=DIR, and baselines once")
            found[folder.choices is not None][name] = _on(nodes, scores)
    if SHORT_AXIS not in found[False]:
        raise InvalidOptions("give the folder of `baselines` too: without the short axis nobody knows what to beat")
    if len(found[True]) > 1:
        found[True][MEAN] = np.mean(list(found[True].values()), axis=0)
    return Scores(
        labels=np.array([first.labels[node] for node in nodes]),
        patients=tuple(patient for patient, _, _ in nodes),
        baselines=found[False],
        networks=found[True],
        left_out_count=len(set.union(*every)) - len(nodes),
    )


def side_by_side(scores: Scores, synthetic: bool) -> SideBySide:
    """
    Compare all rows with the short axis and with size and shape, and the networks with each other.

    Raises:
        InvalidCases: a class is missing.
    """
    labels, patients, networks = scores.labels, scores.patients, scores.networks
    rows = {**scores.baselines, **networks}
    shape = scores.baselines.get(SHAPE)
    return SideBySide(
        node_count=len(labels),
        patient_count=len(set(patients)),
        metastatic_count=int(labels.sum()),
        left_out_count=scores.left_out_count,
        rows=compared(labels, patients, rows, SHORT_AXIS),
        above_shape={
            name: above(labels, each, shape, patients)
            for name, each in rows.items()
            if shape is not None and name != SHAPE
        },
        pairs={
            one: {
                other: auc_difference_test(labels, networks[one], networks[other], patients)
                for other in networks
                if other != one
            }
            for one in networks
        },
        synthetic=synthetic,
    )


def _on(nodes: Sequence[NodeName], scores: Mapping[NodeName, float]) -> NDArray[np.float64]:
    return np.array([scores[node] for node in nodes])
