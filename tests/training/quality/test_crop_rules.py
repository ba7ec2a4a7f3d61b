import pytest

from imaging.crop import EdgePolicy, NodeStatus
from imaging.preprocessing import prepare
from imaging.spec import PreprocessingSpec
from tests.training.quality.scans import GRID, body, marked
from training.quality.crop_rules import CROP_RULES

SPEC = PreprocessingSpec(side_mm=16.0)


@pytest.mark.parametrize(
    ("centre_mm", "half_mm", "rules", "status"),
    [
        ((0.0, 0.0, 0.0), 6.0, set(), NodeStatus.SCORED),
        ((0.5, 0.5, 0.0), 1.0, {"too-small"}, NodeStatus.TOO_SMALL),
        ((23.0, 0.0, 0.0), 6.0, {"at-edge"}, NodeStatus.AT_EDGE),
        ((0.0, 0.0, 0.0), 9.0, {"larger-than-crop"}, NodeStatus.SCORED),
    ],
)
def test_the_rules_say_what_preprocessing_does(centre_mm, half_mm, rules, status):
    """A node falls exactly where training and service would not score it."""
    node = marked(centre_mm, (half_mm,) * 3)

    assert rules == {name for name, rule in CROP_RULES.items() if rule(GRID, node, SPEC)}
    assert [status] == [each.status for each in prepare(body(), [node], SPEC, EdgePolicy.REPORT)]
