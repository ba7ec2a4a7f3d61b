import json
import sys
from datetime import datetime

import pytest

from training.course import Epoch
from training.tracking import BOARDS, Tracker

FIRST, SECOND = Epoch(1, 0.7, 0.6, 0.5, 0.4), Epoch(2, 0.3, 0.4, 0.9, 0.8)

BOARD = """
class SummaryWriter:
    def __init__(self, folder):
        self.file = open(f"{folder}/events.out.fake", "w")
    def add_scalar(self, name, value, step):
        self.file.write(f"{name} {value} {step}\\n")
    def flush(self):
        self.file.flush()
    def close(self):
        self.file.close()
"""


@pytest.fixture
def board(tmp_path, monkeypatch):
    """A tensorboardX that writes text."""
    (tmp_path / "installed").mkdir()
    (tmp_path / "installed" / "tensorboardX.py").write_text(BOARD)
    monkeypatch.syspath_prepend(tmp_path / "installed")
    monkeypatch.delitem(sys.modules, BOARDS[0], raising=False)
    yield
    sys.modules.pop(BOARDS[0])


def test_each_epoch_is_a_line(tmp_path):
    """Lines are added, by a run that goes on too, and each says when and how good."""
    for epoch in (FIRST, SECOND):
        tracker = Tracker(tmp_path)
        tracker.record(epoch)
        tracker.close()

    lines = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [FIRST._asdict(), SECOND._asdict()] == [{name: line[name] for name in Epoch._fields} for line in lines]
    assert datetime.fromisoformat(lines[0]["time"]) <= datetime.fromisoformat(lines[1]["time"])


def test_tensorboard_gets_every_figure(board, tmp_path):
    """Where it is installed, each figure of an epoch is a scalar at that step."""
    tracker = Tracker(tmp_path)
    tracker.record(SECOND)
    tracker.close()

    expected = ["training_loss 0.3 2", "validation_loss 0.4 2", "validation_auc 0.9 2", "training_auc 0.8 2"]
    assert expected == (tmp_path / "events.out.fake").read_text().splitlines()
