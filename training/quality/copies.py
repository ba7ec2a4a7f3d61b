"""CTs that stand in a table more than once."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.cases import Case
from training.quality.examination import Examined
from training.quality.rule import Finding

ALIKE = 0.985
"""
Correlation of two patches that show one CT. Copies of phantoms with 8 HU more noise stay above 0.986; of 720 lung
nodules (LIDC-IDRI) no two of different patients reach 0.982.
"""

LEAST_SD = 0.01
"""Of a patch, as a share of its window: less is air or noise, and looks like any other."""

BLOCK = 1024
"""Patches compared with all others at once."""

Pair = tuple[Examined, Examined]


def copy_findings(
    cases: Sequence[Case], examined: Sequence[Examined], file_digests: Mapping[Path, str]
) -> Iterator[Finding]:
    """
    What cases have in common that they should not.

    Args:
        cases: All whose CT could be read.
        examined: Of these, the ones whose node was found.
        file_digests: SHA-256 of each CT.
    """
    yield from _one_ct_of_two_patients(cases, file_digests)
    equal, alike = equal_pairs(examined), alike_pairs(examined)
    for rule, pairs in (("duplicate-pixels", equal), ("near-duplicate", alike)):
        first: dict[int, int] = {}
        for earlier, later in pairs:
            first.setdefault(later.case.row, earlier.case.row)
        yield from (Finding(later, rule, f"as in row {earlier}") for later, earlier in first.items())
    yield from _conflicts([*equal, *alike])


def equal_pairs(examined: Sequence[Examined]) -> list[Pair]:
    """An earlier and a later case with the same voxels of the CT around nodes of the same size and place in them."""
    first: dict[str, Examined] = {}
    pairs = []
    for each in examined:
        if each.pixel_digest is not None:
            earlier = first.setdefault(each.pixel_digest, each)
            pairs += [(earlier, each)] if earlier is not each else []
    return pairs


def alike_pairs(examined: Sequence[Examined]) -> list[Pair]:
    """An earlier and a later case of different patients whose patches correlate, without those that are equal."""
    seen = [each for each in examined if each.patch is not None and each.patch.std() >= LEAST_SD]
    if not seen:
        return []
    scores = _standardised(np.stack([each.patch for each in seen if each.patch is not None]))
    pairs = []
    for start in range(0, len(seen), BLOCK):
        correlations = scores[start : start + BLOCK] @ scores.T
        for n, m in np.argwhere(correlations >= ALIKE).tolist():
            if start + n < m:
                pairs.append((seen[start + n], seen[m]))
    return [(a, b) for a, b in pairs if a.case.patient != b.case.patient and a.pixel_digest != b.pixel_digest]


def _standardised(patches: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows, (cases, n), whose products are correlations."""
    centred = patches - patches.mean(axis=1, keepdims=True)
    scores: NDArray[np.float32] = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    return scores


def _one_ct_of_two_patients(cases: Sequence[Case], file_digests: Mapping[Path, str]) -> Iterator[Finding]:
    first: dict[str, Case] = {}
    for case in cases:
        earlier = first.setdefault(file_digests[case.image], case)
        if earlier.patient != case.patient:
            yield Finding(case.row, "ct-of-another-patient", f"as in row {earlier.row}")


def _conflicts(pairs: Sequence[Pair]) -> Iterator[Finding]:
    others: dict[int, list[int]] = {}
    for a, b in pairs:
        if a.case.label != b.case.label:
            others.setdefault(a.case.row, []).append(b.case.row)
            others.setdefault(b.case.row, []).append(a.case.row)
    for row, found in others.items():
        yield Finding(row, "conflicting-labels", "labelled otherwise in row " + ", ".join(map(str, sorted(found))))
