import pytest

from imaging.spec import PreprocessingSpec
from imaging.window import Window
from training.errors import InvalidOptions
from training.plan import Plan


def test_an_empty_plan_is_the_paper(tmp_path):
    """What a plan does not say is as in the paper."""
    path = tmp_path / "plan.toml"
    path.write_text("# nothing\n")

    assert Plan() == Plan.read(path)
    assert PreprocessingSpec(side_mm=40.0) == Plan.read(path).spec(40.0)


@pytest.mark.parametrize("side_mm", [None, 41.25])
def test_a_plan_reads_back(tmp_path, side_mm):
    """What is written is what is read, with a side or without."""
    plan = Plan((2.5, 0.8, 0.8), (-160.0, 240.0), side_mm, (-2, 0, 2), 96)
    (tmp_path / "plan.toml").write_text(plan.to_toml())

    assert plan == Plan.read(tmp_path / "plan.toml")
    assert (Window(-160.0, 240.0), (96, 96)) == (plan.spec(30.0).window, plan.spec(30.0).input_shape_px)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("side = 3\n", "it may say spacing_mm, window_hu, side_mm, slice_offsets, input_px"),
        ("window_hu = [240.0, -160.0]\n", "upper above its lower limit"),
        ("window_hu = 240.0\n", "is no plan"),
        ("side_mm = \n", "is no plan"),
        ("spacing_mm = ['a', 'b', 'c']\n", "is no plan"),
    ],
)
def test_an_impossible_plan_is_refused(tmp_path, text, message):
    """A misspelt or impossible choice is named, not passed over."""
    path = tmp_path / "plan.toml"
    path.write_text(text)

    with pytest.raises(InvalidOptions, match=message):
        Plan.read(path)


def test_a_missing_plan_is_refused(tmp_path):
    """A wrong path is said to be one."""
    with pytest.raises(InvalidOptions, match="no such plan"):
        Plan.read(tmp_path / "plan.toml")
