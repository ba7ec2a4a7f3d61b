"""What the nodes of a study are called by whoever marked them."""

from collections.abc import Iterable

import numpy as np

from imaging.dicom.study import DicomStudy
from imaging.node import Node


def names_of(nodes: Iterable[Node], study: DicomStudy) -> dict[int, tuple[str, ...]]:
    """
    The names of the marks that each node consists of, by the node's label; those with most of its voxels first.

    Args:
        nodes: As `imaging.separation.find_nodes` finds them in the mask of the study, by components or by labels.
        study: The study.
    """
    names = {mark.label: mark.name for mark in study.marks}
    found: dict[int, tuple[str, ...]] = {}
    for node in nodes:
        start = np.rint(study.mask.geometry.indices_at([node.geometry.origin_mm])[0]).astype(int)
        region = tuple(slice(low, low + count) for low, count in zip(start.tolist(), node.voxels.shape, strict=True))
        labels, counts = np.unique(study.mask.labels[region][node.voxels], return_counts=True)
        found[node.label] = tuple(names[label] for label in labels[np.argsort(-counts, kind="stable")].tolist())
    return found
