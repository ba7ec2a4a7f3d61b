"""
What else keeps the course of a training, besides its history: files alone, no server.

* ``events.jsonl``  a line for each epoch when it ends, with the time; an epoch that was done again is there twice
* ``events.out.*``  the same figures for TensorBoard, if tensorboardX or tensorboard is installed
"""

import importlib
import json
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from training.course import Epoch

BOARDS = ("tensorboardX", "torch.utils.tensorboard")


class Tracker:
    """Writes down epochs as they end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def record(self, epoch: Epoch) -> None:
        """Add an epoch."""
        figures = epoch._asdict()
        line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="seconds"), **figures})
        with (self._folder / "events.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")
        if self._board is not None:
            for name, value in figures.items():
                if name != "number":
                    self._board.add_scalar(name, value, epoch.number)
            self._board.flush()

    def close(self) -> None:
        """End the files of TensorBoard, if an epoch was recorded."""
        board = self.__dict__.get("_board")
        if board is not None:
            board.close()

    @cached_property
    def _board(self) -> Any:
        for name in BOARDS:
            with suppress(ImportError):
                return importlib.import_module(name).SummaryWriter(str(self._folder))
        return None
