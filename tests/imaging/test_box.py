"""Boxes in the patient add up."""

from imaging.box import Box


def test_a_union_holds_both():
    """The union reaches from the smallest to the largest corner of all."""
    union = Box.union([Box((0.0, 1.0, 2.0), (1.0, 2.0, 3.0)), Box((-5.0, 1.5, 0.0), (0.5, 9.0, 1.0))])

    assert Box((-5.0, 1.0, 0.0), (1.0, 9.0, 3.0)) == union


def test_growing_adds_on_both_sides():
    """A box grown by its own amount along each axis keeps its centre."""
    box = Box((0.0, 0.0, 0.0), (2.0, 4.0, 6.0)).grown((1.0, 2.0, 3.0))

    assert (4.0, 8.0, 12.0) == box.size_mm
    assert (1.0, 2.0, 3.0) == box.centre_mm


def test_the_box_around_points_is_the_smallest():
    """No point lies outside, and each face holds one."""
    assert Box((-1.0, 0.0, 2.0), (3.0, 5.0, 2.0)) == Box.around([(3, 0, 2), (-1, 5, 2)])
