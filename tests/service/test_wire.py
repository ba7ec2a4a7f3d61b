"""Requests on the wire."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging.crop import EdgePolicy
from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.separation import NodeSeparation
from imaging.volume import Volume
from nodelens.v1 import images_pb2 as images
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.encoding import Compression
from service.faults import InvalidRequest, Reason
from service.options import ClassifyOptions, HeatmapOutput
from service.wire import (
    geometry_from,
    geometry_message,
    mask_from,
    mask_message,
    options_from,
    options_message,
    require_request_id,
    volume_from,
    volume_message,
)
from tests.imaging.scenes import OBLIQUE

GRID = Geometry((3, 4, 5), (2.5, 0.8, 0.7), (-10.0, 20.0, 30.0), OBLIQUE)


def test_the_wire_counts_columns_first():
    """Size and spacing are in x, y, z order; column n of the direction is axis n, as in ITK."""
    message = geometry_message(GRID)

    assert [5, 4, 3] == list(message.size)
    assert [0.7, 0.8, 2.5] == list(message.spacing_mm)
    assert [-10.0, 20.0, 30.0] == list(message.origin_mm)
    np.testing.assert_array_equal(np.reshape(message.direction, (3, 3))[:, 2], OBLIQUE[0])


@given(st.permutations([0, 1, 2]), st.tuples(*[st.sampled_from([-1.0, 1.0])] * 3))
def test_grids_survive(axes, signs):
    """What is sent is received, for all axis orders and flips."""
    direction = tuple(tuple(row) for row in (np.eye(3)[axes] * np.asarray(signs)[:, None]).tolist())
    grid = Geometry((3, 4, 5), (2.5, 0.8, 0.7), (1.0, 2.0, 3.0), direction)

    assert grid == geometry_from(geometry_message(grid), "g")


def test_no_direction_means_lps():
    """A geometry without direction lies on the axes of LPS."""
    message = images.Geometry(size=[5, 4, 3], spacing_mm=[1, 1, 2], origin_mm=[0, 0, 0])

    assert Geometry((3, 4, 5), (2.0, 1.0, 1.0)) == geometry_from(message, "g")


@pytest.mark.parametrize(
    ("field", "change", "named", "message"),
    [
        ("size", [5, 4], "g.size", "must hold 3 values, got 2"),
        ("size", [5, 0, 3], "g.size[1]", "at least 1"),
        ("spacing_mm", [1, 1, 0], "g.spacing_mm[2]", "above 0 mm, got 0"),
        ("spacing_mm", [1, -0.5, 1], "g.spacing_mm[1]", "above 0 mm, got -0.5"),
        ("spacing_mm", [float("nan"), 1, 1], "g.spacing_mm[0]", "above 0 mm, got nan"),
        ("spacing_mm", [1e-108, 1e-108, 1e-108], "g.spacing_mm[0]", "above 0 mm, got 1e-108"),
        ("spacing_mm", [1, 1, 1e308], "g.spacing_mm[2]", "above 0 mm, got 1e.308"),
        ("origin_mm", [0, 1.7e308, 0], "g.origin_mm[1]", "no kilometres away"),
        ("origin_mm", [0, float("inf"), 0], "g.origin_mm[1]", "finite"),
        ("direction", [1, 0, 0], "g.direction", "must hold 9 values, got 3"),
        ("direction", [1, 0, 0, 0, 1, 0, 0, 0.3, 1], "g.direction", "orthogonal"),
    ],
)
def test_impossible_grids_are_refused_by_field(field, change, named, message):
    """The error names the very value that is wrong."""
    sent = geometry_message(GRID)
    del getattr(sent, field)[:]
    getattr(sent, field).extend(change)

    with pytest.raises(InvalidRequest, match=message) as error:
        geometry_from(sent, "g")
    assert named == error.value.field
    assert Reason.INVALID_GEOMETRY is error.value.reason


@pytest.mark.parametrize("dtype", ["int16", "float32"])
@pytest.mark.parametrize("compression", list(Compression))
def test_volumes_survive(dtype, compression):
    """A CT comes back voxel by voxel."""
    volume = Volume(np.random.default_rng(0).integers(-1000, 1000, GRID.shape).astype(dtype), GRID)
    message = volume_message(volume, compression)

    received = volume_from(message, message.voxels)
    np.testing.assert_array_equal(received.hu, volume.hu)
    assert volume.hu.dtype == received.hu.dtype
    assert GRID == received.geometry


@pytest.mark.parametrize(("highest", "encoding"), [(1, 3), (200, 1), (3000, 2)])
def test_masks_survive_in_the_smallest_encoding(highest, encoding):
    """One label travels as bits, some as bytes, many as words."""
    labels = (np.arange(60) % 3 == 0).reshape(GRID.shape) * highest
    mask = NodeMask(labels.astype(np.uint8 if highest < 256 else np.uint16), GRID)
    message = mask_message(mask)

    assert encoding == message.encoding
    np.testing.assert_array_equal(mask_from(message, message.voxels).labels, mask.labels)


def test_voxels_must_be_finite():
    """NaN is refused by the name of the field."""
    message = volume_message(Volume(np.zeros(GRID.shape, np.float32), GRID))
    holed = np.full(GRID.shape, np.nan, np.float32).tobytes()

    with pytest.raises(InvalidRequest, match=r"volume\.voxels: .*finite"):
        volume_from(message, holed)


def test_unknown_types_are_refused():
    """An encoding that is missing or from the future is refused."""
    message = volume_message(Volume(np.zeros(GRID.shape, np.int16), GRID))
    message.voxel_type = 0
    with pytest.raises(InvalidRequest, match=r"volume\.voxel_type: 0 is not one of 1, 2"):
        volume_from(message, message.voxels)
    mask = mask_message(NodeMask(np.zeros(GRID.shape, np.uint8), GRID))
    mask.compression = 9
    with pytest.raises(InvalidRequest, match=r"mask\.compression"):
        mask_from(mask, mask.voxels)


def test_options_survive():
    """Choices come back, and what is left out is the documented default."""
    chosen = ClassifyOptions(NodeSeparation.LABELS, EdgePolicy.PAD, HeatmapOutput.NONE, 0.0, include_slices=True)

    assert chosen == options_from(options_message(chosen))
    assert ClassifyOptions() == options_from(messages.ClassifyOptions())


@pytest.mark.parametrize("value", [-0.01, 1.01, float("nan")])
def test_an_operating_point_is_a_probability(value):
    """Anything outside [0, 1] is refused."""
    with pytest.raises(InvalidRequest, match=r"options\.operating_point"):
        options_from(messages.ClassifyOptions(operating_point=value))


@pytest.mark.parametrize("request_id", ["a b", "Müller", "x" * 129, "a\n"])
def test_request_ids_are_plain(request_id):
    """What will stand in logs is short and has no spaces, breaks or names with umlauts."""
    with pytest.raises(InvalidRequest, match="request_id"):
        require_request_id(request_id)
    require_request_id("study.7:series-2_x")
