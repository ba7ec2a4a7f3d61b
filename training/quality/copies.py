"""CTs that stand in a table more than once."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from training.cases import Case
from training.duplicates import find_duplicates
from training.quality.examination import Examined
from training.quality.rule import Finding

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
    """An earlier and a later case of different patients whose surroundings are alike, without those that are equal."""
    seen = [(each, each.patch) for each in examined if each.patch is not None]
    if not seen:
        return []
    patches = np.stack([patch for _, patch in seen])
    found = find_duplicates(patches, [each.case.patient for each, _ in seen])
    pairs = [(seen[pair.first][0], seen[pair.second][0]) for pair in found]
    return [(a, b) for a, b in pairs if a.pixel_digest != b.pixel_digest]


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
