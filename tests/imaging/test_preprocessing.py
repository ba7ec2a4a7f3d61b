"""What a network sees must depend on the patient, not on how the CT was stored, cut or sent."""

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from imaging.crop import EdgePolicy, NodeStatus, PreparedNode
from imaging.errors import MaskOutsideVolume
from imaging.geometry import Geometry
from imaging.itk import array_from, image_from
from imaging.lattice import HALF
from imaging.mask import NodeMask
from imaging.preprocessing import prepare, prepared_nodes, region_needed
from imaging.separation import find_nodes
from imaging.spec import PreprocessingSpec
from imaging.volume import Volume
from tests.imaging.scenes import OBLIQUE, axis_orders, ellipsoids, mask_in_order, soft_tissue, volume_in_order

SPEC = PreprocessingSpec(side_mm=24.0, input_shape_px=(48, 48))
GRID = Geometry((30, 60, 64), (1.5, 0.8, 0.75), (-20.0, 10.0, 30.0))
MIDDLE_MM = (3.7, 33.3, 51.2)


def scene(geometry: Geometry = GRID) -> tuple[Volume, NodeMask]:
    """A CT with one lopsided node well inside."""
    mask = ellipsoids(geometry, (MIDDLE_MM, (5.0, 3.6, 4.3)), ((7.5, 35.1, 53.0), (2.5, 2.5, 3.0)))
    return soft_tissue(geometry), NodeMask((mask.labels > 0).astype(np.uint8), geometry)


def prepared(volume: Volume, mask: NodeMask, spec: PreprocessingSpec = SPEC, **options: EdgePolicy) -> PreparedNode:
    """The only node of a mask, prepared."""
    [node] = prepare(volume, find_nodes(mask), spec, **options)
    return node


def pixels_of(node: PreparedNode) -> np.ndarray:
    """The pixels of a node that must have been scored."""
    assert node.crop is not None, node.status
    return node.crop.pixels


class TestLayout:
    @pytest.mark.parametrize("grid", [GRID, Geometry((40, 60, 60), (1.1, 0.9, 0.7), (-20.0, 20.0, 10.0), OBLIQUE)])
    def test_the_48_axis_orders_of_one_scene_give_one_crop(self, grid):
        """However its axes are ordered and flipped, a CT gives the same pixels, mask and measurements."""
        volume, mask = scene(grid)
        expected = prepared(volume, mask)

        for order in axis_orders():
            actual = prepared(volume_in_order(volume, order), mask_in_order(mask, order))

            assert_allclose(pixels_of(actual), pixels_of(expected), atol=1e-5)
            assert_array_equal(actual.crop.node_mask, expected.crop.node_mask)
            assert_allclose(actual.measurements.short_axis_mm, expected.measurements.short_axis_mm, atol=1e-4)

    def test_ties_are_broken_alike_in_every_order(self):
        """A node with many equal slices, whose faces lie exactly between samples, still gives one crop."""
        grid = Geometry((24, 30, 30), (1.58, 1.58, 1.58))
        labels = np.zeros(grid.shape, dtype=np.uint8)
        labels[10:14, 12:17, 11:17] = 1
        volume, mask = soft_tissue(grid), NodeMask(labels, grid)
        expected = prepared(volume, mask)

        for order in axis_orders():
            actual = prepared(volume_in_order(volume, order), mask_in_order(mask, order))

            assert_allclose(pixels_of(actual), pixels_of(expected), atol=1e-5)

    def test_a_mask_on_its_own_grid_equals_the_mask_moved_to_the_ct_grid_by_hand(self):
        """A flipped mask that covers a part of the CT marks the same node as one on the CT's grid."""
        volume, mask = scene()
        region = tuple(slice(max(s.start - 3, 0), s.stop + 2) for s in mask.occupied())
        own = mask_in_order(mask.cropped(region), ((0, 1, 2), (True, True, False)))
        moved = sitk.Resample(
            image_from(own.labels, own.geometry), image_from(mask.labels, mask.geometry), sitk.Transform(),
            sitk.sitkNearestNeighbor,
        )  # fmt: skip
        by_hand = NodeMask(array_from(moved), mask.geometry)

        assert_array_equal(by_hand.labels, mask.labels)
        assert_allclose(pixels_of(prepared(volume, own)), pixels_of(prepared(volume, by_hand)), atol=1e-6)

    def test_whole_numbers_and_fractions_of_hu_are_treated_alike(self):
        """An int16 CT and the same CT in float32 give the same bits."""
        volume, mask = scene()
        whole = Volume(volume.hu.round().astype(np.int16), volume.geometry)
        fractions = Volume(whole.hu.astype(np.float32), volume.geometry)

        assert_array_equal(pixels_of(prepared(whole, mask)), pixels_of(prepared(fractions, mask)))


class TestRegion:
    @settings(max_examples=25, deadline=None)
    @given(
        spacing=st.tuples(*[st.floats(0.6, 3.0)] * 3),
        centre=st.tuples(*[st.floats(-2.0, 2.0)] * 3),
        axes=st.sampled_from([None, OBLIQUE]),
    )
    def test_the_sub_box_gives_what_the_whole_volume_gives(self, spacing, centre, axes):
        """The region a client sends gives the crop of the whole CT, exactly; the mask to 1e-6."""
        shape = tuple(int(60 / step) for step in spacing)
        grid = Geometry(shape, spacing, (-30.0, -30.0, -30.0), axes) if axes else Geometry(shape, spacing, (-30.0,) * 3)
        middle = np.asarray(grid.box.centre_mm) + centre
        volume, mask = soft_tissue(grid), ellipsoids(grid, (tuple(middle), (5.0, 4.0, 6.0)))
        nodes = find_nodes(mask)
        part = volume.cropped(region_needed(grid, nodes, SPEC))

        [expected] = prepare(volume, nodes, SPEC)
        [actual] = prepare(part, find_nodes(mask.cropped(mask.occupied())), SPEC)

        assert part.hu.size < volume.hu.size
        assert_allclose(pixels_of(actual), pixels_of(expected), atol=2e-6)
        assert_array_equal(actual.crop.node_mask, expected.crop.node_mask)
        assert_allclose(actual.measurements.mean_hu, expected.measurements.mean_hu, atol=1e-3)

    def test_an_axis_aligned_sub_box_gives_the_same_bits(self):
        """On a grid of round numbers nothing is left to rounding: not one bit differs."""
        volume, mask = scene(Geometry((40, 80, 80), (1.0, 0.5, 0.5), (-16.0, 14.0, 32.0)))
        nodes = find_nodes(mask)
        part = volume.cropped(region_needed(volume.geometry, nodes, SPEC))

        assert_array_equal(pixels_of(prepare(part, nodes, SPEC)[0]), pixels_of(prepare(volume, nodes, SPEC)[0]))

    def test_a_sub_box_does_not_hide_or_invent_an_edge(self):
        """A node too near to the CT's border is AT_EDGE in the sub-box too, and one that fits is not."""
        volume, _ = scene()
        for x_mm, expected in [(-11.0, NodeStatus.AT_EDGE), (2.0, NodeStatus.SCORED)]:
            nodes = find_nodes(ellipsoids(GRID, ((x_mm, 33.0, 51.0), (3.0, 3.0, 3.0))))
            part = volume.cropped(region_needed(GRID, nodes, SPEC))

            assert [expected] == [node.status for node in prepare(part, nodes, SPEC)]
            assert [expected] == [node.status for node in prepare(volume, nodes, SPEC)]


class TestReference:
    def test_crop_first_equals_resampling_the_whole_volume(self):
        """Resampling everything with plain SimpleITK, then cropping, gives the same pixels and the same mask."""
        volume, mask = scene()
        spec = PreprocessingSpec(side_mm=24.0, input_shape_px=PreprocessingSpec(side_mm=24.0).box_shape_px)
        node = prepared(volume, mask, spec)
        crop = node.crop

        # A lattice over the whole CT that has the crop's samples among its own.
        reach = 60
        step = crop.geometry.spacing_mm
        origin = np.asarray(crop.geometry.origin_mm) - reach * np.asarray(step)[::-1]
        arguments = (
            [2 * reach + n for n in crop.geometry.shape[::-1]], sitk.Transform(), sitk.sitkLinear, origin.tolist(),
            step[::-1], np.eye(3).ravel().tolist(),
        )  # fmt: skip
        hu = array_from(sitk.Resample(image_from(volume.hu, volume.geometry), *arguments, -1024.0, sitk.sitkFloat32))
        spline = list(arguments)
        spline[2] = sitk.sitkBSpline
        marked = image_from(mask.labels.astype(np.float32), mask.geometry)
        occupancy = array_from(sitk.Resample(marked, *spline, 0.0, sitk.sitkFloat32))
        middle = tuple(slice(reach, reach + n) for n in crop.geometry.shape)

        assert_allclose(crop.pixels, spec.window.applied_to(hu[middle]), atol=1e-6)
        assert_array_equal(crop.node_mask, occupancy[middle] >= HALF)
        area = (occupancy >= 0.5).sum(axis=(1, 2))
        assert area[reach + 1] == area.max()


class TestCrop:
    def test_the_node_is_in_the_middle(self):
        """The crop is centred on the node's box, in mm, in the axial plane."""
        node = prepared(*scene())

        assert_allclose(node.crop.geometry.box.centre_mm[:2], node.node.box.centre_mm[:2], atol=1e-9)

    def test_the_crop_covers_the_side_it_was_asked_for(self):
        """The box is at least as wide as ``side_mm``, and by less than two pixels wider."""
        geometry = prepared(*scene()).crop.geometry
        width_mm, height_mm, _ = geometry.box.size_mm

        assert geometry.spacing_mm == pytest.approx(SPEC.input_spacing_mm)
        assert 24.0 <= width_mm < 24.0 + 2 * 0.79
        assert width_mm == pytest.approx(height_mm)

    def test_the_resized_crop_shows_the_same_places(self):
        """A linear ramp in the patient is the same ramp in the network's pixels, at their own LPS places."""
        _, mask = scene()
        points = GRID.points_at(np.indices(GRID.shape).reshape(3, -1).T)
        ramp = Volume((points[:, 0] * 3 + points[:, 1]).reshape(GRID.shape).astype(np.float32), GRID)
        crop = prepared(ramp, mask).crop

        x, y, _ = crop.geometry.points_at(np.indices(crop.pixels.shape).reshape(3, -1).T).T
        expected = SPEC.window.applied_to(x * 3 + y).reshape(crop.pixels.shape)
        inner = (slice(None), slice(2, -2), slice(2, -2))

        assert_allclose(crop.pixels[inner], expected[inner], atol=1e-5)

    def test_slices_ascend_towards_the_head_around_the_largest(self):
        """The middle slice shows most of the node, and later slices lie nearer to the head."""
        volume, _ = scene()
        cone = ellipsoids(GRID, (MIDDLE_MM, (6.0, 6.0, 6.0)))
        spec = PreprocessingSpec(side_mm=24.0, input_shape_px=(48, 48), slice_offsets=(-4, 0, 4))
        crop = prepared(volume, cone, spec).crop

        low, middle, high = crop.node_mask.sum(axis=(1, 2))
        assert middle > max(low, high)
        assert crop.geometry.points_at([[2, 0, 0]])[0, 2] - crop.geometry.origin_mm[2] == pytest.approx(8 * 0.79)

    def test_a_node_wider_than_the_box_is_cut_and_says_so(self):
        """A node larger than the box is scored all the same, and marked."""
        volume, _ = scene()
        node = prepared(volume, ellipsoids(GRID, (MIDDLE_MM, (9.0, 9.0, 5.0))), PreprocessingSpec(side_mm=12.0))

        assert node.larger_than_crop
        assert node.status is NodeStatus.SCORED
        assert node.crop.node_mask[1].mean() > 0.9

    def test_golden_pixels(self, golden_pixels):
        """Version 1 of the preprocessing gives the pixels it has always given."""
        expected, actual = golden_pixels

        assert_allclose(actual, expected, atol=1e-5)


def test_nodes_can_be_cut_one_by_one():
    """Each node is cut when it is asked for, as it would be among all; a mask of another CT is refused at once."""
    volume, _ = scene()
    nodes = find_nodes(ellipsoids(GRID, (MIDDLE_MM, (5.0, 4.0, 4.5)), ((-1.0, 38.0, 46.0), (3.0, 3.0, 3.0))))
    one_by_one = prepared_nodes(volume, nodes, SPEC)

    for expected in prepare(volume, nodes, SPEC):
        assert_array_equal(pixels_of(next(one_by_one)), pixels_of(expected))
    far = Volume(volume.hu, Geometry(GRID.shape, GRID.spacing_mm, (900.0, 0.0, 0.0)))
    with pytest.raises(MaskOutsideVolume):
        prepared_nodes(far, nodes, SPEC)
