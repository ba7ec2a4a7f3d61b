"""
The folder of one training run.

* ``config.json``    all choices, so that the run explains itself
* ``split.json``     which cases it learns from, chooses by and is tested on
* ``history.csv``    an epoch a row
* ``events.jsonl``   an epoch a line, with its time (`training.tracking`)
* ``best.pt``        the weights of the best epoch
* ``checkpoint.pt``  where to go on after a stop
"""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from imaging.atomic import replacing, write_rows, write_text
from imaging.file_digest import file_digest
from training.config import Purpose, RunConfig
from training.course import Course, Epoch, best_of, is_finished
from training.errors import InvalidRun
from training.networks.catalogue import build_network
from training.networks.network import NodeNetwork
from training.split import Split


class Checkpoint(NamedTuple):
    """
    The end of an epoch.

    Attributes:
        epoch: Its number.
        network: State of the network.
        optimiser: State of the optimiser.
    """

    epoch: int
    network: dict[str, Tensor]
    optimiser: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Run:
    """
    A training run and its folder.

    Attributes:
        folder: Where all of it is.
        config: Its choices.
        split: Its parts.
    """

    folder: Path
    config: RunConfig
    split: Split

    @classmethod
    def start(cls, folder: Path, config: RunConfig, split: Split) -> "Run":
        """
        Take an empty folder, one whose run has no epoch yet, or go on in one with the same choices.

        Raises:
            InvalidRun: the folder holds something else; the message names the difference.
        """
        if (folder / "history.csv").is_file():
            _require_same(folder, cls._config(folder), config)
            _require_same_split(folder, cls.open(folder).split, split)
        elif folder.exists() and not (folder / "config.json").is_file() and not _is_empty(folder):
            raise InvalidRun(f"{folder} exists and is no training run; choose another --out")
        write_text(folder / "config.json", config.to_json())
        write_text(folder / "split.json", json.dumps(asdict(split)) + "\n")
        return cls(folder, config, split)

    @classmethod
    def open(cls, folder: Path) -> "Run":
        """
        Read a run that was started.

        Raises:
            InvalidRun: there is none.
        """
        for name in ("config.json", "split.json"):
            if not (folder / name).is_file():
                raise InvalidRun(f"{folder} is no training run: it has no {name}")
        try:
            parts = json.loads((folder / "split.json").read_text(encoding="utf-8"))
            split = Split(**{name: tuple(map(int, parts[name])) for name in parts})
        except (ValueError, TypeError) as error:
            raise InvalidRun(f"{folder / 'split.json'} is damaged") from error
        return cls(folder, cls._config(folder), split)

    @staticmethod
    def _config(folder: Path) -> RunConfig:
        try:
            return RunConfig.from_json((folder / "config.json").read_text(encoding="utf-8"))
        except (InvalidRun, UnicodeDecodeError) as error:
            raise InvalidRun(f"{folder / 'config.json'}: {error}") from error

    def history(self) -> tuple[Epoch, ...]:
        """The epochs so far."""
        path = self.folder / "history.csv"
        if not path.is_file():
            return ()
        with path.open(newline="", encoding="utf-8") as file:
            try:
                return tuple(_epoch(cells) for cells in list(csv.reader(file))[1:])
            except ValueError as error:
                raise InvalidRun(f"{path} is damaged") from error

    def best_epoch(self) -> Epoch:
        """
        The epoch whose weights count.

        Raises:
            InvalidRun: no epoch is done.
        """
        history = self.history()
        if not history:
            raise InvalidRun(f"{self.folder} has no finished epoch yet; run `nodelens-train fit` on it again")
        return best_of(history, self.config)

    def course(self) -> Course:
        """
        The epochs so far and the best of them.

        Raises:
            InvalidRun: no epoch is done.
        """
        return Course(self.history(), self.best_epoch())

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or none has been better for too long."""
        return is_finished(self.history(), self.config)

    def require_model(self) -> None:
        """
        Refuse a run that was never meant to be a model.

        Raises:
            InvalidRun: it is of a control or of the leak demonstrator.
        """
        reasons = {
            Purpose.LEAK: "it was split by slice, so that it was tested on the patients it learnt from",
            Purpose.CONTROL: "it learnt from permuted labels",
        }
        if self.config.purpose in reasons:
            raise InvalidRun(
                f"{self.folder} is a run of the {self.config.purpose} and no model: {reasons[self.config.purpose]}; "
                "train one with `nodelens-train fit`"
            )

    def network(self) -> NodeNetwork:
        """
        The network with its best weights, on the CPU, ready to answer.

        Raises:
            InvalidRun: training has not finished.
        """
        if not self.finished:
            raise InvalidRun(f"{self.folder} is not finished; run `nodelens-train fit` on it again")
        network = build_network(self.config.network, self.config.spec.input_shape_px)
        network.load_state_dict(torch.load(self.folder / "best.pt", map_location="cpu", weights_only=True))
        return network.eval()

    def last_network(self) -> NodeNetwork:
        """
        The network as its last epoch left it, on the CPU, ready to answer.

        Raises:
            InvalidRun: the place to go on from, which holds it, is gone.
        """
        checkpoint = self.checkpoint()
        if checkpoint is None:
            raise InvalidRun(f"{self.folder} has lost its checkpoint; remove the folder and run again")
        network = build_network(self.config.network, self.config.spec.input_shape_px)
        network.load_state_dict(checkpoint.network)
        return network.eval()

    def network_digest(self) -> str:
        """SHA-256 of the file of the best weights."""
        return file_digest(self.folder / "best.pt")

    def save_epoch(
        self, history: tuple[Epoch, ...], network: Mapping[str, Tensor], optimiser: Mapping[str, Any]
    ) -> None:
        """Keep what the last epoch came to: its weights where it is the best, and where to go on from."""
        if best_of(history, self.config) is history[-1]:
            self.save_best(network)
        self.save_history(history)
        self.save_checkpoint(len(history), network, optimiser)

    def save_best(self, weights: Mapping[str, Tensor]) -> None:
        """Replace the best weights."""
        with replacing(self.folder / "best.pt") as draft:
            torch.save(dict(weights), draft)

    def save_history(self, history: tuple[Epoch, ...]) -> None:
        """Replace the table of epochs."""
        write_rows(self.folder / "history.csv", Epoch._fields, history)

    def save_checkpoint(self, epoch: int, network: Mapping[str, Tensor], optimiser: Mapping[str, Any]) -> None:
        """Replace the place to go on from."""
        with replacing(self.folder / "checkpoint.pt") as draft:
            torch.save(Checkpoint(epoch, dict(network), dict(optimiser))._asdict(), draft)

    def checkpoint(self) -> "Checkpoint | None":
        """The place to go on from, or None before the first epoch's end."""
        path = self.folder / "checkpoint.pt"
        return Checkpoint(**torch.load(path, map_location="cpu", weights_only=True)) if path.is_file() else None


def _epoch(cells: Sequence[str]) -> Epoch:
    """A row of the table of epochs; its last cell may be missing or empty."""
    number, training_loss, validation_loss, validation_auc, *more = cells
    training_auc = float(more[0]) if any(more) else None
    return Epoch(int(number), float(training_loss), float(validation_loss), float(validation_auc), training_auc)


def _is_empty(folder: Path) -> bool:
    """Whether there is nothing but drafts."""
    return folder.is_dir() and all(path.name.startswith(".") for path in folder.iterdir())


def _require_same(folder: Path, earlier: RunConfig, config: RunConfig) -> None:
    for name, before, now in earlier.differences(config):
        raise InvalidRun(
            f"{folder} was started with {name} {before}, now it is {now}; "
            "use the same options to go on, or another --out"
        )


def _require_same_split(folder: Path, earlier: Split, split: Split) -> None:
    """Weights that were learnt from another split may have seen what this one tests on."""
    if earlier != split:
        raise InvalidRun(
            f"{folder} was started with another split; use the same --seed, --folds and --inner to go on, "
            "or another --out"
        )
