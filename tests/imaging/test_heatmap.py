"""A heat map comes back to the place in the patient that the network looked at."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from imaging.geometry import Geometry
from imaging.heatmap import HeatmapGrid, heat_maps_on_volume, heat_on_volume, heat_share
from imaging.preprocessing import prepare
from imaging.separation import find_nodes
from imaging.spec import PreprocessingSpec
from tests.imaging.scenes import OBLIQUE, axis_orders, ellipsoids, mask_in_order, soft_tissue, volume_in_order

GRID = Geometry((30, 60, 64), (1.5, 0.8, 0.75), (-20.0, 10.0, 30.0))
MIDDLE_MM = (3.7, 33.3, 51.2)
SPEC = PreprocessingSpec(side_mm=24.0, input_shape_px=(64, 64))
CELLS = HeatmapGrid(stride_px=4.0, offset_px=1.5)


def crop_in(volume, mask):
    """The crop of a mask's only node."""
    [node] = prepare(volume, find_nodes(mask), SPEC)
    return node.crop


def crop_on(geometry):
    """The crop of one ellipsoid in a CT on the given grid."""
    return crop_in(soft_tissue(geometry), ellipsoids(geometry, (MIDDLE_MM, (5.0, 4.0, 4.0))))


class TestGrid:
    def test_cells_of_two_poolings_tile_the_input(self):
        """Sixteen cells of four pixels cover 64 pixels, edge to edge."""
        crop = crop_on(GRID).geometry

        cells = CELLS.geometry(crop, (16, 16))

        assert_allclose(cells.box.lower_mm[:2], crop.box.lower_mm[:2])
        assert_allclose(cells.box.upper_mm[:2], crop.box.upper_mm[:2])

    def test_cells_of_a_resnet_start_on_the_first_pixel(self):
        """With padded strides the first cell is centred on pixel 0, not on the middle of the first 32."""
        crop = crop_on(GRID).geometry

        assert crop.origin_mm == HeatmapGrid(stride_px=32.0, offset_px=0.0).geometry(crop, (2, 2)).origin_mm

    def test_a_ramp_over_the_cells_is_a_ramp_over_the_pixels(self):
        """Between the outer cells' centres, reading on the crop is linear in place."""
        crop = crop_on(GRID).geometry
        cells = CELLS.geometry(crop, (16, 16))
        ramp = cells.points_at(np.indices(cells.shape).reshape(3, -1).T)[:, 0].reshape(cells.shape)

        pixels = CELLS.on_crop(ramp.astype(np.float32), crop)

        x_mm = crop.points_at(np.indices(crop.shape).reshape(3, -1).T)[:, 0].reshape(crop.shape)
        assert_allclose(pixels[:, :, 2:-2], x_mm[:, :, 2:-2], atol=1e-4)


class TestVolume:
    @pytest.mark.parametrize("grid", [GRID, Geometry((40, 60, 60), (1.1, 0.9, 0.7), (-20.0, 20.0, 10.0), OBLIQUE)])
    def test_a_field_over_the_patient_comes_back_unchanged(self, grid):
        """Heat that is linear in LPS has the same values at the CT's voxels inside the crop."""
        crop = crop_on(grid)
        cells = CELLS.geometry(crop.geometry, (16, 16))
        points = cells.points_at(np.indices(cells.shape).reshape(3, -1).T)
        heat = (points[:, 0] + 2 * points[:, 1] + 100).reshape(cells.shape).astype(np.float32)

        region, values = heat_on_volume(heat, CELLS, crop, grid)

        part = grid.cropped(region)
        places = part.points_at(np.indices(part.shape).reshape(3, -1).T)
        inner = crop.geometry.box.grown((-1.5, -1.5, 0.0))
        inside = ((places > inner.lower_mm) & (places < inner.upper_mm)).all(axis=1)
        assert inside.sum() > 500
        assert_allclose(values.ravel()[inside], (places[:, 0] + 2 * places[:, 1] + 100)[inside], atol=1e-3)

    def test_the_hottest_voxel_is_where_the_network_looked(self):
        """In every axis order the peak lies at the LPS place of the hottest cell."""
        volume, mask = soft_tissue(GRID), ellipsoids(GRID, (MIDDLE_MM, (5.0, 4.0, 4.0)))
        heat = np.zeros((3, 16, 16), dtype=np.float32)
        heat[:, 4, 11] = 1.0
        for order in axis_orders():
            stored = volume_in_order(volume, order)
            crop = crop_in(stored, mask_in_order(mask, order))
            [expected] = CELLS.geometry(crop.geometry, (16, 16)).points_at([(1, 4, 11)])

            region, values = heat_on_volume(heat, CELLS, crop, stored.geometry)

            peak = np.unravel_index(np.argmax(values), values.shape)
            [place] = stored.geometry.cropped(region).points_at([peak])
            assert np.abs(place - expected)[:2].max() <= 0.8
            assert abs(place - expected)[2] <= 0.79 + 0.75

    def test_thick_slices_show_the_map_too(self):
        """Where the crop's slices lie between those of the CT, the nearest CT slice is given the heat."""
        grid = Geometry((10, 60, 64), (5.0, 0.8, 0.75), (-20.0, 10.0, 30.0))
        crop = crop_on(grid)

        _, values = heat_on_volume(np.ones((3, 16, 16), np.float32), CELLS, crop, grid)

        shown = (values > 0).any(axis=(1, 2)).sum()
        assert 1 <= shown <= 2
        assert 1.0 == values.max()

    def test_there_is_no_heat_outside_the_crop(self):
        """Every voxel with heat has its centre within the crop's square."""
        crop = crop_on(GRID)

        region, values = heat_on_volume(np.ones((3, 16, 16), np.float32), CELLS, crop, GRID)

        places = GRID.cropped(region).points_at(np.argwhere(values > 0))
        assert (places[:, :2] >= np.asarray(crop.geometry.box.lower_mm)[:2] - 1e-6).all()
        assert (places[:, :2] <= np.asarray(crop.geometry.box.upper_mm)[:2] + 1e-6).all()

    def test_a_crop_that_misses_the_grid_gives_nothing(self):
        """No overlap, no heat map."""
        far = Geometry(GRID.shape, GRID.spacing_mm, (900.0, 0.0, 0.0))

        assert heat_on_volume(np.ones((3, 16, 16), np.float32), CELLS, crop_on(GRID), far) is None

    def test_where_two_maps_meet_the_larger_value_stands(self):
        """Neither the order nor the number of maps adds heat."""
        crop = crop_on(GRID)
        maps = [(np.full((3, 16, 16), value, np.float32), crop) for value in (0.25, 0.75, 0.5)]
        region, values = heat_on_volume(maps[1][0], CELLS, crop, GRID)

        merged = heat_maps_on_volume(maps, CELLS, GRID)

        assert_array_equal(values, merged[region])
        assert np.count_nonzero(values) == np.count_nonzero(merged)

    def test_no_map_is_no_heat(self):
        """The grid is the CT's all the same."""
        assert_array_equal(np.zeros(GRID.shape, np.float32), heat_maps_on_volume([], CELLS, GRID))


class TestShare:
    def test_even_heat_has_a_lift_of_one(self):
        """Heat that is the same everywhere lies on the node as often as chance has it."""
        mask = np.zeros((3, 8, 8), dtype=bool)
        mask[:, 2:4, 2:6] = True

        share = heat_share(np.full((3, 8, 8), 0.3, np.float32), mask)

        assert (0.125, 1.0) == (pytest.approx(share.inside), pytest.approx(share.lift))

    def test_heat_on_the_node_alone_has_the_inverse_of_its_area_as_lift(self):
        """All heat on an eighth of the area is eight times chance; all beside it is none."""
        mask = np.zeros((1, 8, 8), dtype=bool)
        mask[:, 2:4, 2:6] = True

        on, beside = heat_share(mask.astype(np.float32), mask), heat_share((~mask).astype(np.float32), mask)

        assert (1.0, 8.0) == (on.inside, pytest.approx(on.lift))
        assert (0.0, 0.0) == (beside.inside, beside.lift)

    def test_no_heat_is_no_share(self):
        """A map without positive evidence divides by nothing."""
        share = heat_share(np.zeros((1, 4, 4), np.float32), np.ones((1, 4, 4), bool))

        assert (0.0, 0.0) == (share.inside, share.lift)
