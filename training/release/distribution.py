"""What a network learnt from, for the service to compare its inputs with."""

from collections.abc import Sequence

from imaging.distribution import Distribution, Feature, ct_features, node_features
from training.crops import NodeCrops
from training.scan import read_spacing_mm


def training_distribution(
    crops: NodeCrops, rows: Sequence[int], probabilities: Sequence[float]
) -> tuple[Distribution, ...]:
    """
    Count what nodes and their CTs are like; the headers of the CTs are read once more, for their spacing.

    Args:
        crops: Of the cohort.
        rows: Of the nodes that were learnt from, at least one.
        probabilities: Calibrated answers to nodes that were not learnt from, at least one: to those that were, a
            network answers more surely than it ever will again.

    Raises:
        UnreadableImage: a CT is gone.
    """
    images = sorted({crops.cases[row].image for row in rows})
    cts = [ct_features(read_spacing_mm(image)) for image in images]
    nodes = [node_features(crops.measurements[row]) for row in rows]
    columns = {feature: [values[feature] for values in table] for table in (cts, nodes) for feature in table[0]}
    columns[Feature.PROBABILITY] = list(probabilities)
    return tuple(Distribution.of(feature, values) for feature, values in columns.items())
