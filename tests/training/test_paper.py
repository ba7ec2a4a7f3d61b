import argparse
import json
import shutil
from dataclasses import asdict

import pytest

from tests.training.reproduction.reproduced import MACHINE
from training.errors import InvalidOptions
from training.main import main
from training.paper import add_arguments, reproduced, settings_of


def settings_from(*words):
    """The choices of a command line."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return settings_of(parser.parse_args(["out", *words]))


def test_without_options_it_is_the_paper_s_size():
    """Patients, noise within 40 to 45 %, and difficulty are the paper's and the literature's."""
    settings = settings_from()

    assert (385, 0.42, "literature") == (settings.patient_count, settings.label_noise, settings.preset)


def test_what_is_given_wins_over_quick():
    """Patients, preset, seed and noise of the command line are kept."""
    settings = settings_from("--quick", "--patients", "20", "--preset", "hard", "--seed", "7", "--label-noise", "0.1")

    assert (20, "hard", 7, 0.1) == (
        settings.patient_count,
        settings.preset,
        settings.seed,
        settings.label_noise,
    )
    assert 48 == settings.pooling.input_px


def test_impossible_noise_is_refused():
    """The message says what is possible."""
    with pytest.raises(InvalidOptions, match=r"must be from 0 to below 0\.5"):
        settings_from("--label-noise", "0.6")


def test_a_reproduction_that_lost_its_last_step_does_only_that(finished, tmp_path):
    """What was done before a stop is not done again, and the result is the same."""
    folder = tmp_path / "out"
    shutil.copytree(finished.folder, folder)
    last = folder / "steps" / "radiomics-random-0.25.json"
    whole = last.read_bytes()
    last.unlink()
    others = {path: path.stat().st_mtime_ns for path in (folder / "steps").iterdir()}

    found = reproduced(folder, finished.found.settings, MACHINE)

    assert whole == last.read_bytes()
    assert others == {path: path.stat().st_mtime_ns for path in others}
    assert [asdict(each) for each in finished.found.recoveries] == [asdict(each) for each in found.recoveries]


def test_a_folder_with_other_options_is_refused(finished, capsys):
    """One line on stderr names the difference, and nothing is changed."""
    before = json.loads((finished.folder / "settings.json").read_text())

    assert 2 == main(["paper", str(finished.folder), "--quick", "--seed", "1"])
    assert "was started with" in capsys.readouterr().err
    assert before == json.loads((finished.folder / "settings.json").read_text())
