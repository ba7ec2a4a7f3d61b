"""The spec is the whole of the preprocessing's choices, and travels as JSON."""

import json

import pytest

from imaging.errors import InvalidSpec
from imaging.spec import Aggregation, PreprocessingSpec
from imaging.window import Window


def test_a_spec_survives_json():
    """What the export writes is what the service reads."""
    spec = PreprocessingSpec(
        (1.0, 0.7, 0.7), Window(-1000.0, 400.0), 33.0, (-2, 0, 2), (96, 128), Aggregation.MAX, 20.0
    )

    assert spec == PreprocessingSpec.from_dict(json.loads(json.dumps(spec.to_dict())))


def test_the_digest_tells_specs_apart():
    """Equal choices have one digest, and each choice changes it."""
    assert PreprocessingSpec().digest == PreprocessingSpec().digest
    assert PreprocessingSpec().digest != PreprocessingSpec(side_mm=51.0).digest


def test_a_box_is_the_odd_number_of_pixels_that_covers_the_side():
    """64 pixels of 0.79 mm make 50.56 mm, and 65 are taken, so that one lies in the middle."""
    assert (65, 65) == PreprocessingSpec(side_mm=50.56).box_shape_px
    assert (65, 65) == PreprocessingSpec(side_mm=65 * 0.79).box_shape_px
    assert (67, 67) == PreprocessingSpec(side_mm=65 * 0.79 + 0.01).box_shape_px


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"spacing_mm": (0.0, 1.0, 1.0)}, "spacing"),
        ({"side_mm": 0.1}, "side_mm"),
        ({"slice_offsets": ()}, "slice_offsets"),
        ({"slice_offsets": (1, 0)}, "slice_offsets"),
        ({"slice_offsets": (0, 1, 3)}, "slice_offsets"),
        ({"input_shape_px": (0, 5)}, "input_shape_px"),
        ({"min_node_volume_mm3": -1.0}, "min_node_volume_mm3"),
        ({"version": 2}, "version 2"),
    ],
)
def test_impossible_choices_are_refused_by_name(wrong, says):
    """Each choice that makes no crop is named."""
    with pytest.raises(InvalidSpec, match=says):
        PreprocessingSpec(**wrong)


@pytest.mark.parametrize("change", [{"side_mm": None}, {"aggregation": "median"}, {"stray": 1}, {"version": 7}])
def test_json_of_other_choices_is_refused(change):
    """Unknown fields, values and versions are no spec."""
    with pytest.raises(InvalidSpec):
        PreprocessingSpec.from_dict({**PreprocessingSpec().to_dict(), **change})
