import argparse
import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict
from subprocess import DEVNULL

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
    assert 25 == settings.pooling.epoch_count


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


def killed_once_it_has(name, folder):
    """Start the reproduction of a folder in a process of its own, and kill that once a file is there."""
    words = "import sys, pathlib; from tests.training.reproduction.reproduced import reproduce; "
    words += "reproduce(pathlib.Path(sys.argv[1]))"
    process = subprocess.Popen([sys.executable, "-c", words, str(folder)], stdout=DEVNULL, stderr=DEVNULL)
    while not (folder / name).exists() and process.poll() is None:
        time.sleep(0.005)
    process.kill()
    return process.wait()


def test_a_reproduction_that_was_killed_comes_to_the_same_result(finished, tmp_path):
    """After SIGKILL in a training, and again while reviews are stored, it ends with the numbers of one that was not."""
    folder = tmp_path / "out"
    shutil.copytree(finished.folder / "cohort", folder / "cohort")
    shutil.copy(finished.folder / "settings.json", folder)

    in_training = killed_once_it_has("runs/cnn-with-augmentation/checkpoint.pt", folder)
    in_review = killed_once_it_has("worklists/guided/labels.jsonl", folder)
    before = {path.name for path in (folder / "steps").iterdir()}
    found = reproduced(folder, finished.found.settings, MACHINE)

    assert -signal.SIGKILL == in_training == in_review
    assert "draw-0.json" not in before
    assert [asdict(row) for row in finished.found.rows] == [asdict(row) for row in found.rows]
    assert [asdict(each) for each in finished.found.recoveries] == [asdict(each) for each in found.recoveries]
    assert finished.found.draws == found.draws


def test_a_folder_with_other_options_is_refused(finished, capsys):
    """One line on stderr names the difference, and nothing is changed."""
    before = json.loads((finished.folder / "settings.json").read_text())

    assert 2 == main(["paper", str(finished.folder), "--quick", "--seed", "1"])
    assert "was started with" in capsys.readouterr().err
    assert before == json.loads((finished.folder / "settings.json").read_text())
