from pathlib import Path

import numpy as np
import pytest

from imaging.volume import Volume
from tests.training.quality.scans import GRID, body, marked
from training.cases import Case
from training.quality.copies import alike_pairs, copy_findings, equal_pairs
from training.quality.examination import remembered

NODE = marked()


def case_of(row, patient, label=0):
    """A case whose CT is named by its row."""
    return Case(Path(f"ct-{row}"), Path(f"mask-{row}"), 1, patient, label, row)


def seen(row, patient, volume, label=0):
    """A case whose node was found in this CT."""
    return remembered(case_of(row, patient, label), NODE, volume)


def noisy(volume, sd_hu):
    """The CT, reconstructed again."""
    noise = np.random.default_rng(7).normal(0, sd_hu, volume.hu.shape)
    return Volume(np.round(volume.hu + noise).astype(np.int16), GRID)


def unlike(seed):
    """A body with vessels of its own."""
    rng = np.random.default_rng([9, seed])
    hu = body(seed).hu.copy()
    for _ in range(12):
        j, i = rng.integers(15, 42, 2)
        hu[:, j : j + 5, i : i + 5] = 140
    return Volume(hu, GRID)


def named(cases, examined, digests=None):
    """Row and rule of each finding; without digests, all CTs are different files."""
    files = digests or {case.image: case.image.name for case in cases}
    return [(finding.row, finding.rule) for finding in copy_findings(cases, examined, files)]


def test_different_patients_are_not_copies():
    """Bodies are alike, but not that much."""
    examined = [seen(row, f"p{row}", unlike(row)) for row in range(2, 8)]

    assert [] == named([each.case for each in examined], examined)


def test_a_copy_is_found_whatever_its_voxels_type():
    """The same voxels under another patient, stored as float32."""
    first = seen(2, "a", unlike(2))
    copy = seen(3, "b", Volume(unlike(2).hu.astype(np.float32), GRID))

    assert [(first, copy)] == equal_pairs([first, copy])
    assert [(3, "duplicate-pixels")] == named([first.case, copy.case], [first, copy])


@pytest.mark.parametrize(("patient", "rules"), [("b", [(3, "near-duplicate")]), ("a", [])])
def test_a_second_reconstruction_is_found(patient, rules):
    """A copy with other noise is one across patients; one patient may be scanned twice."""
    first, copy = seen(2, "a", unlike(2)), seen(3, patient, noisy(unlike(2), 8))

    assert rules == named([first.case, copy.case], [first, copy])


def test_copies_with_different_labels_fall_together():
    """Nobody knows which of the two labels is right."""
    first, copy = seen(2, "a", unlike(2)), seen(3, "b", noisy(unlike(2), 8), label=1)

    found = named([first.case, copy.case], [first, copy])

    assert [(3, "near-duplicate"), (2, "conflicting-labels"), (3, "conflicting-labels")] == found


def test_one_file_of_two_patients_is_found():
    """Even where other nodes of it are marked; the rows of the first patient stay."""
    cases = [case_of(2, "a"), case_of(3, "b"), case_of(4, "a")]

    found = named(cases, [], {case.image: "same" for case in cases})

    assert [(3, "ct-of-another-patient")] == found


def test_constant_surroundings_are_compared_with_nothing():
    """Where a CT shows nothing, all CTs are alike."""
    flat = [seen(row, f"p{row}", Volume(np.full(GRID.shape, row, dtype=np.int16), GRID)) for row in (2, 3)]

    assert [] == alike_pairs(flat)
    assert [] == alike_pairs([])
