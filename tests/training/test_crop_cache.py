from dataclasses import replace

import numpy as np
import pytest

from imaging.crop import EdgePolicy, NodeStatus
from imaging.files import read_volume, write_image
from imaging.spec import PreprocessingSpec
from tests.training.cohorts import write_cohort
from training.cases import read_cohort
from training.crop_cache import CropCache
from training.scan import scans_of

SPEC = PreprocessingSpec(side_mm=24.0, input_shape_px=(32, 32))


@pytest.fixture
def table(tmp_path):
    """The table of two scans that a test may change."""
    return write_cohort(tmp_path, patient_count=2)


def crops_of(table, spec=SPEC, edge_policy=EdgePolicy.REPORT):
    """The crops of the first scan, through the cache."""
    cohort = read_cohort(table)
    cache = CropCache(table.parent / "cache", spec, edge_policy)
    return cache.crops(scans_of(cohort.cases)[0], cohort.file_digests)


def entries(table):
    """The files in the cache."""
    return sorted((table.parent / "cache").iterdir())


def test_crops_are_what_the_service_sees(table):
    """Cached pixels are the very pixels of imaging, bit for bit."""
    [prepared] = scans_of(read_cohort(table).cases)[0].prepared(SPEC, EdgePolicy.REPORT)

    made, cached = crops_of(table), crops_of(table)

    for crops in (made, cached):
        assert np.array_equal(prepared.crop.pixels[None], crops.pixels)
        assert np.array_equal(prepared.crop.node_mask[None], crops.node_masks)
        assert (prepared.measurements,) == crops.measurements
        assert (NodeStatus.SCORED,) == crops.statuses


def test_crops_are_made_once(table):
    """A second look reads the entry: it is found even when its own content was changed."""
    crops_of(table)
    [entry] = entries(table)
    with np.load(entry) as arrays:
        content = dict(arrays)
    np.savez(entry, **{**content, "pixels": content["pixels"] * 0 + 0.5})

    assert 0.5 == crops_of(table).pixels.max()
    assert [entry] == entries(table)


def test_changed_bytes_of_an_image_are_another_entry(table):
    """The cache is never stale: what changed on disk is cut again."""
    before = crops_of(table)
    path = table.parent / "ct-0.nii.gz"
    volume = read_volume(path)
    write_image(path, volume.hu + np.int16(20), volume.geometry)

    after = crops_of(table)

    assert not np.array_equal(before.pixels, after.pixels)
    assert 2 == len(entries(table))


@pytest.mark.parametrize(
    ("spec", "edge_policy"),
    [(replace(SPEC, side_mm=20.0), EdgePolicy.REPORT), (SPEC, EdgePolicy.PAD)],
)
def test_other_choices_are_another_entry(table, spec, edge_policy):
    """Each spec and each edge policy has entries of its own."""
    crops_of(table)
    crops_of(table, spec, edge_policy)

    assert 2 == len(entries(table))


@pytest.mark.parametrize("damaged", [b"", b"PK\x03\x04 and no more"])
def test_a_damaged_entry_is_made_again(table, damaged):
    """Neither an empty nor a cut file is taken for crops."""
    before = crops_of(table)
    [entry] = entries(table)
    entry.write_bytes(damaged)

    assert np.array_equal(before.pixels, crops_of(table).pixels)


def test_a_flipped_byte_is_noticed(table):
    """An entry whose pixels rot on disk is made again."""
    before = crops_of(table)
    [entry] = entries(table)
    content = bytearray(entry.read_bytes())
    content[2000] ^= 0xFF
    entry.write_bytes(content)

    assert np.array_equal(before.pixels, crops_of(table).pixels)


def test_nodes_without_a_crop_are_cached_too(table):
    """A box beyond the CT leaves a status and no pixels, and that is remembered."""
    wide = replace(SPEC, side_mm=100.0)

    made, cached = crops_of(table, wide), crops_of(table, wide)

    for crops in (made, cached):
        assert (0, 3, 32, 32) == crops.pixels.shape
        assert (NodeStatus.AT_EDGE,) == crops.statuses
