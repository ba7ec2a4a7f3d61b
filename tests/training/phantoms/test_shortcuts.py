"""Wrong reasons to be right."""

import numpy as np
import pytest

from training.errors import InvalidOptions
from training.phantoms.acquisition import SHARP, SMOOTH
from training.phantoms.patient import draw_patient
from training.phantoms.shapes import LumpyEllipsoid, Ripple
from training.phantoms.shortcuts import FAT_HU, MARKER_HU, Cue, Shortcut, draw_cue

STEP_MM = 1.0


def scene():
    """A smooth node of 14 mm in the middle of fat, with a vessel's worth of other tissue; HU, points and shape."""
    z, y, x = np.meshgrid(*[np.arange(-30, 31, STEP_MM)] * 3, indexing="ij")
    points = np.stack([x, y, z], axis=-1).astype(np.float32)
    hu = np.full(points.shape[:-1], FAT_HU, np.float32)
    hu[:, :, :20] = 140.0
    ripple = Ripple.draw(np.random.default_rng(0), 1.3)
    shape = LumpyEllipsoid(np.zeros(3, np.float32), np.eye(3, dtype=np.float32), np.full(3, 7, np.float32), ripple, 0.0)
    return hu, points, shape


def test_cues_agree_as_often_as_asked():
    """Over many nodes the cue is there or not as the label is, with the chance that was asked for."""
    rng, labels = np.random.default_rng(0), np.arange(20_000) % 2 == 1
    for cue in (Cue.BACKGROUND, Cue.MARKER):
        for agreement in (0.0, 0.5, 0.9, 1.0):
            shown = Shortcut(cue, agreement).shown(labels, rng)
            assert (shown == labels).mean() == pytest.approx(agreement, abs=0.01)


def test_a_scanner_is_that_of_all_nodes():
    """The nodes of a patient, which are of one class, show it together."""
    rng = np.random.default_rng(0)
    shown = [Shortcut(Cue.SCANNER, 0.9).shown([True] * 3, rng) for _ in range(4000)]

    assert {1} == {len(set(patient.tolist())) for patient in shown}
    assert np.mean(shown) == pytest.approx(0.9, abs=0.015)


def test_stranding_is_around_the_node_and_in_fat_only():
    """Fat within 8 mm becomes denser, more so near the node; other tissue and fat far away stay."""
    hu, points, shape = scene()
    before = hu.copy()
    draw_cue(Cue.BACKGROUND, hu, points, shape, np.random.default_rng(0))
    distance, fat = np.linalg.norm(points, axis=-1) - 7, before == FAT_HU

    rise = hu - before
    assert rise[fat & (distance > 0) & (distance < 3)].mean() > 20
    assert rise[fat & (distance > 4) & (distance < 7)].mean() > 3
    assert not rise[distance > 8.1].any()
    assert not rise[~fat].any()


def test_a_marker_is_a_dot_beside_the_node():
    """It is small and bright, in a crop of 22 mm around a node of 14 mm, and apart from the node."""
    hu, points, shape = scene()
    draw_cue(Cue.MARKER, hu, points, shape, np.random.default_rng(0))
    marked = points[hu == MARKER_HU]

    assert 10 < len(marked) * STEP_MM**3 < 100
    assert np.abs(marked).max() < 11
    assert (np.linalg.norm(marked, axis=-1) - 7).min() > 1


@pytest.mark.parametrize("cue", Cue)
def test_a_shortcut_changes_only_its_cue(cue):
    """The nodes are those of the cohort without it, and what the cue says is drawn; for a scanner, on other pixels."""
    plain, cued = draw_patient(5, 3), draw_patient(5, 3, shortcut=Shortcut(cue, 1.0))

    assert cued.cues == tuple(latents.metastatic for latents in cued.latents)
    if cue is not Cue.SCANNER:
        assert plain.latents == cued.latents
        assert plain.volume.geometry == cued.volume.geometry
    assert (False,) * len(plain.latents) == plain.cues


def test_the_scanner_shows_in_the_pixels():
    """With full agreement, patients with metastatic nodes were scanned with larger pixels, and have no benign node."""
    for number in range(1, 7):
        patient = draw_patient(5, number, shortcut=Shortcut(Cue.SCANNER, 1.0))
        [metastatic] = {latents.metastatic for latents in patient.latents}
        lowest, highest = (SHARP if metastatic else SMOOTH).pixel_mm
        assert lowest <= patient.volume.geometry.spacing_mm[1] <= highest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colour:0.9", "CUE of scanner, background, marker"),
        ("marker", "'' is not a number"),
        ("marker:often", "'often' is not a number"),
        ("marker:1.1", "must lie between 0 and 1"),
    ],
)
def test_what_is_no_shortcut_is_refused(text, message):
    """The message says what is expected."""
    with pytest.raises(InvalidOptions, match=message):
        Shortcut.parse(text)


def test_shortcuts_read_as_they_are_written():
    """What stands in cohort.json can be given to the command again."""
    assert "scanner:0.9" == str(Shortcut.parse("scanner:0.90"))
