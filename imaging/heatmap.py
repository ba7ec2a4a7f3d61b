"""Where the network looked: from the cells of a feature map back to the patient."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imaging.crop import Crop
from imaging.geometry import Geometry, Region
from imaging.interpolation import read_at, read_rows_and_columns


@dataclass(frozen=True, slots=True)
class HeatmapGrid:
    """
    Where the cells of a network's last feature maps lie on its input.

    Cell n is centred on input pixel ``offset_px + n * stride_px``. Poolings of 2 x 2 tile the input evenly; the
    strided, padded convolutions of a ResNet do not, and drawing their map as if they did moves it by half a cell.

    >>> HeatmapGrid(stride_px=4.0, offset_px=1.5).cells_at([1.5, 5.5]).tolist()
    [0.0, 1.0]
    """

    stride_px: float
    offset_px: float

    def cells_at(self, pixels: ArrayLike) -> NDArray[np.float64]:
        """Fractional cell positions of fractional input pixels; any shape."""
        return (np.asarray(pixels, dtype=np.float64) - self.offset_px) / self.stride_px

    def geometry(self, crop: Geometry, shape: tuple[int, int]) -> Geometry:
        """The grid of a heat map of (rows, columns) cells on each slice of a crop."""
        step_z, step_y, step_x = crop.spacing_mm
        x, y, z = crop.origin_mm
        return Geometry(
            (crop.shape[0], *shape),
            (step_z, step_y * self.stride_px, step_x * self.stride_px),
            (x + self.offset_px * step_x, y + self.offset_px * step_y, z),
        )

    def on_crop(self, heat: NDArray[np.float32], crop: Geometry) -> NDArray[np.float32]:
        """A heat map (slices, cells, cells) read at the pixels of its crop: (slices, rows, columns)."""
        rows, columns = (self.cells_at(np.arange(count)) for count in crop.shape[1:])
        return read_rows_and_columns(heat, rows, columns)


@dataclass(frozen=True, slots=True)
class HeatShare:
    """
    How much of the heat lies on the node.

    Attributes:
        inside: Share of the heat inside the node, in [0, 1]; 0 where there is no heat at all.
        lift: That share over the node's share of the crop's area; 1 is chance, 0 where there is no heat.
    """

    inside: float
    lift: float


def heat_share(heat_on_crop: NDArray[np.float32], node_mask: NDArray[np.bool_]) -> HeatShare:
    """
    Share of a non-negative heat map that lies inside the node, over all slices of the crop.

    The relevance mass of Arras et al. (2022, doi:10.1016/j.inffus.2021.11.008), and its ratio to the node's area.
    """
    total, area = float(heat_on_crop.sum(dtype=np.float64)), float(node_mask.mean())
    if total <= 0 or area == 0:
        return HeatShare(0.0, 0.0)
    inside = float(heat_on_crop[node_mask].sum(dtype=np.float64)) / total
    return HeatShare(inside, inside / area)


def heat_on_volume(
    heat: NDArray[np.float32], grid: HeatmapGrid, crop: Crop, volume: Geometry
) -> tuple[Region, NDArray[np.float32]] | None:
    """
    A heat map on the CT's own grid.

    A voxel is given heat where its centre lies in the crop's square and its thickness meets the crop's slices: on
    thick slices, too, at least one slice shows the map.

    Args:
        heat: (slices, cells, cells).
        grid: Where its cells lie on the crop.
        crop: The crop it explains.
        volume: The CT's grid.

    Returns:
        The index region that was reached and the heat in it, 0 outside the crop; None where the crop misses the CT.
    """
    step_z = crop.geometry.spacing_mm[0]
    thickness = float(np.abs(volume.axes_mm[:, 2]).sum())
    box = crop.geometry.box.grown((0.0, 0.0, thickness / 2))
    region = volume.region_of(box, margin=0)
    if region is None:
        return None
    part = volume.cropped(region)
    pixels = crop.geometry.indices_at(part.points_at(np.indices(part.shape).reshape(3, -1).T))
    slices, rows, columns = crop.geometry.shape
    # The last term takes a voxel on the crop's face in, in every axis order: rounding must not decide.
    reach = np.asarray([thickness / 2 / step_z, 0.0, 0.0]) + 0.5 + 1e-6
    inside = ((pixels >= -reach) & (pixels <= np.asarray([slices, rows, columns]) - 1 + reach)).all(axis=1)
    cells = np.column_stack([pixels[:, 0], grid.cells_at(pixels[:, 1]), grid.cells_at(pixels[:, 2])])
    values = np.zeros(len(pixels), dtype=np.float32)
    values[inside] = read_at(heat, cells[inside])
    return region, values.reshape(part.shape)


def heat_maps_on_volume(
    maps: Iterable[tuple[NDArray[np.float32], Crop]], grid: HeatmapGrid, volume: Geometry
) -> NDArray[np.float32]:
    """
    Several heat maps on the CT's own grid (see `heat_on_volume`); where two meet, the larger value stands.

    Args:
        maps: Heat maps (slices, cells, cells), each with the crop it explains.
        grid: Where their cells lie on a crop.
        volume: The CT's grid.
    """
    values: NDArray[np.float32] = np.zeros(volume.shape, dtype=np.float32)
    for heat, crop in maps:
        reached = heat_on_volume(heat, grid, crop, volume)
        if reached is not None:
            region, part = reached
            np.maximum(values[region], part, out=values[region])
    return values
