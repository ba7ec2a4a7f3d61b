from dataclasses import replace

import pytest

from tests.training.reproduction.small import SETTINGS
from training.errors import InvalidRun
from training.reproduction.steps import Steps


def test_a_step_is_done_once(tmp_path):
    """A second command reads what the first one stored."""
    done = []

    def work():
        done.append(True)
        return {"auc": 0.42}

    first = Steps.start(tmp_path / "out", SETTINGS).once("table3", work)
    second = Steps.start(tmp_path / "out", SETTINGS).once("table3", work)

    assert {"auc": 0.42} == first == second
    assert [True] == done


def test_a_step_that_was_stopped_is_done_again(tmp_path):
    """Nothing is stored of a step that did not end."""
    steps = Steps.start(tmp_path, SETTINGS)

    def killed():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        steps.once("table3", killed)

    assert {"auc": 0.5} == steps.once("table3", lambda: {"auc": 0.5})


def test_other_options_are_refused(tmp_path):
    """The message names the option, both values, and the way out."""
    Steps.start(tmp_path, SETTINGS)

    with pytest.raises(InvalidRun, match=r"started with label_noise 0.3, now it is 0.4; use the same options to go on"):
        Steps.start(tmp_path, replace(SETTINGS, label_noise=0.4))


def test_a_folder_of_something_else_is_refused(tmp_path):
    """Nobody's files are mixed with ours."""
    (tmp_path / "thesis.txt").write_text("")

    with pytest.raises(InvalidRun, match="is no reproduction of the paper; choose another OUT"):
        Steps.start(tmp_path, SETTINGS)
