"""Key images show node, outline and heat to whoever has no other viewer."""

from dataclasses import replace

import numpy as np
import pytest

from imaging.node import Node
from service.dicom.pictures import pictures, view_of
from tests.service.dicom.conforming import errors_of
from tests.service.dicom.studies import SPEC


@pytest.fixture(scope="module")
def shown(basis):
    """The pictures of an axial study."""
    return pictures(basis)


def test_each_scored_node_has_one(basis, shown):
    """In the order of the findings, each naming the slice of the CT that it shows."""
    assert [1, 2] == [image.InstanceNumber for image in shown]
    for image, each in zip(shown, basis.nodes, strict=False):
        [source] = image.SourceImageSequence
        assert basis.study.slices[each.slice_index].SOPInstanceUID == source.ReferencedSOPInstanceUID


def test_it_says_that_text_is_burned_in(shown):
    """De-identification tools look at this; the text is about the node."""
    assert {"YES"} == {image.BurnedInAnnotation for image in shown}
    assert {"WSD"} == {image.ConversionType for image in shown}


def test_outline_and_heat_are_in_colour(shown):
    """The cyan outline stands in both halves, colours of heat in the right one only."""
    pixels = shown[0].pixel_array.astype(int)
    cyan = (pixels[..., 0] < 60) & (pixels[..., 1] > 180) & (pixels[..., 2] > 200)
    warm = pixels[..., 0] > pixels[..., 2] + 60
    middle, bar = pixels.shape[1] // 2, int(pixels.shape[1] * 0.91)

    assert cyan[:, :middle].any()
    assert cyan[:, middle:].any()
    assert not warm[:, :middle].any()
    assert warm[:, middle:bar].any()


def test_a_node_without_heat_map_has_no_picture(basis, shown):
    """Who asked for no heat maps gets no key images, and those of the others do not change."""
    first, *rest = basis.nodes
    cold = replace(first, finding=replace(first.finding, heatmap=None))

    [left] = pictures(replace(basis, nodes=(cold, *rest)))

    assert (shown[1].SOPInstanceUID, 2) == (left.SOPInstanceUID, left.InstanceNumber)
    assert shown[1].PixelData == left.PixelData


def test_a_picture_shows_more_than_the_network_saw(basis):
    """At least 80 mm, the whole of a large node, and air beyond the CT."""
    each, volume = basis.nodes[0], basis.study.volume
    large = Node(1, np.ones((3, 400, 400), bool), replace(volume.geometry, shape=(3, 400, 400)))

    small_view, large_view = (view_of(node, volume, SPEC) for node in (each.node, large))

    assert 80 <= small_view.geometry.box.size_mm[0] < 83
    assert large_view.geometry.box.size_mm[0] > large.box.size_mm[0]
    assert 0 == small_view.pixels[:, 0, 0].max()


def test_it_conforms(shown, tmp_path):
    """An independent checker finds no error."""
    assert [] == errors_of(shown[0], tmp_path)
