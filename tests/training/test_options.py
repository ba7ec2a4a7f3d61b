import argparse
from pathlib import Path

import pytest
import torch

from imaging.crop import EdgePolicy
from imaging.errors import InvalidSpec
from imaging.spec import Aggregation, PreprocessingSpec
from imaging.window import Window
from training.cases import read_cohort
from training.config import StopOn
from training.errors import InvalidOptions
from training.extents import enclosing_side_mm, in_plane_extents_mm
from training.options import LEARNING_RATES, add_options, config_of, device_of, options_of_networks


@pytest.fixture(scope="module")
def cohort(cohort_csv):
    """Twelve patients with one node each."""
    return read_cohort(cohort_csv)


def parsed(cohort, *words):
    """The options of a command line."""
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args(["--cases", str(cohort.table), "--network", "cnn", "--out", "run", *words])


def test_by_default_the_spec_is_that_of_the_paper(cohort):
    """Without options, all but the side of the box is the contract's preset."""
    config = config_of(parsed(cohort, "--side-mm", "50"), cohort, ())

    assert PreprocessingSpec() == config.spec
    assert (EdgePolicy.REPORT, StopOn.AUC) == (config.edge_policy, config.stop_on)
    assert LEARNING_RATES["cnn"] == config.learning_rate
    assert (cohort.digest, True) == (config.cohort_digest, config.synthetic)


def test_the_box_fits_the_training_nodes_alone(cohort):
    """The side is chosen on the cases that are learnt from, and on no others."""
    few = cohort.cases[:4]

    config = config_of(parsed(cohort), cohort, few)

    assert enclosing_side_mm(in_plane_extents_mm(few)) == config.spec.side_mm
    assert config.spec.side_mm != config_of(parsed(cohort), cohort, cohort.cases).spec.side_mm


def test_each_choice_of_the_spec_can_be_made(cohort):
    """Every option arrives where it belongs."""
    words = "--side-mm 30 --spacing-mm 2 0.8 0.7 --window -160 240 --slices -2 0 2 --input-px 64"
    others = "--edge pad --aggregation max --stop-on loss --seed 7 --guidance 0.5"

    config = config_of(parsed(cohort, *words.split(), *others.split()), cohort, ())

    spec = PreprocessingSpec(
        spacing_mm=(2.0, 0.8, 0.7),
        window=Window(-160.0, 240.0),
        side_mm=30.0,
        slice_offsets=(-2, 0, 2),
        input_shape_px=(64, 64),
        aggregation=Aggregation.MAX,
    )
    assert spec == config.spec
    assert (EdgePolicy.PAD, StopOn.LOSS, 7) == (config.edge_policy, config.stop_on, config.seed)
    assert 0.5 == config.guidance


def test_a_plan_gives_defaults_and_options_win(cohort, tmp_path):
    """What the plan says is taken, what the command line says instead wins, the rest is as in the paper."""
    (tmp_path / "plan.toml").write_text("spacing_mm = [2.0, 0.8, 0.8]\nside_mm = 33.0\ninput_px = 96\n")

    config = config_of(parsed(cohort, "--plan", str(tmp_path / "plan.toml"), "--input-px", "64"), cohort, ())

    spec = PreprocessingSpec(spacing_mm=(2.0, 0.8, 0.8), side_mm=33.0, input_shape_px=(64, 64))
    assert spec == config.spec


def test_a_plan_without_a_side_leaves_it_to_the_training_cases(cohort, tmp_path):
    """Then no test case has a say in it."""
    (tmp_path / "plan.toml").write_text("input_px = 96\n")
    few = cohort.cases[:4]

    config = config_of(parsed(cohort, "--plan", str(tmp_path / "plan.toml")), cohort, few)

    assert enclosing_side_mm(in_plane_extents_mm(few)) == config.spec.side_mm


def test_a_spec_that_makes_no_crop_is_refused(cohort):
    """An impossible window is refused before anything is read."""
    with pytest.raises(InvalidSpec, match="upper above its lower limit"):
        config_of(parsed(cohort, "--side-mm", "30", "--window", "240", "-160"), cohort, ())


@pytest.mark.parametrize("words", [["--weights", "w.pt"], ["--sha256", "0" * 64]])
def test_weights_need_their_digest(cohort, words):
    """Weights are named by file and digest, never by one of them."""
    with pytest.raises(InvalidOptions, match="--weights and --sha256 belong together"):
        config_of(parsed(cohort, "--side-mm", "30", *words), cohort, ())


def test_the_table_is_found_from_everywhere(cohort):
    """The run remembers the whole path of its table."""
    assert Path(config_of(parsed(cohort, "--side-mm", "30"), cohort, ()).cases).is_absolute()


def test_threads_are_set(cohort):
    """--threads says how many cores torch may use."""
    before = torch.get_num_threads()
    try:
        assert torch.device("cpu") == device_of(parsed(cohort, "--device", "cpu", "--threads", "1"))
        assert 1 == torch.get_num_threads()
    finally:
        torch.set_num_threads(before)


def test_no_threads_are_refused(cohort):
    """Zero threads compute nothing."""
    with pytest.raises(InvalidOptions, match="--threads must be at least 1, got 0"):
        device_of(parsed(cohort, "--threads", "0"))


def test_several_networks_have_options_of_their_own(cohort):
    """Each has its folder and its learning rate; the file of weights is for the one that takes it."""
    parser = argparse.ArgumentParser()
    add_options(parser, several=True)
    words = ["--cases", str(cohort.table), "--out", "out", "--weights", "w.pt", "--sha256", "ab", "--side-mm", "30"]

    both = options_of_networks(parser.parse_args([*words, "--network", "cnn", "resnet50"]))
    [alone] = options_of_networks(parser.parse_args([*words, "--network", "cnn"]))

    assert [Path("out/cnn"), Path("out/resnet50"), Path("out")] == [own.out for own in (*both, alone)]
    assert [None, "ab", "ab"] == [config_of(own, cohort, ()).weights_sha256 for own in (*both, alone)]
    assert [LEARNING_RATES[name] for name in ("cnn", "resnet50")] == [
        config_of(own, cohort, ()).learning_rate for own in both
    ]
