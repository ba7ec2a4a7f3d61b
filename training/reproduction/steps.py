"""The steps of a reproduction; those that are done are not done again."""

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from imaging.atomic import write_text
from training.errors import InvalidRun
from training.reproduction.settings import Settings

SETTINGS_FILE = "settings.json"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Steps:
    """
    What is done, as a file for each step.

    Attributes:
        folder: Of the reproduction.
    """

    folder: Path

    @classmethod
    def start(cls, folder: Path, settings: Settings) -> "Steps":
        """
        Take an empty folder, or go on in one with the same settings.

        Raises:
            InvalidRun: the folder holds something else; the message names the difference.
        """
        path, now = folder / SETTINGS_FILE, _plain(asdict(settings))
        if path.is_file():
            _require_same(folder, json.loads(path.read_text(encoding="utf-8")), now)
        elif folder.exists() and any(not each.name.startswith(".") for each in folder.iterdir()):
            raise InvalidRun(f"{folder} exists and is no reproduction of the paper; choose another OUT")
        else:
            write_text(path, json.dumps(now, indent=1) + "\n")
        return cls(folder)

    def once(self, name: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What a step came to: as stored, or as the work says that is done and stored now."""
        path = self.folder / "steps" / f"{name}.json"
        if path.is_file():
            log.info("%s: done before", name)
        else:
            log.info("%s: begins", name)
            write_text(path, json.dumps(_plain(work())) + "\n")
        result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return result


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """As it comes back from a file."""
    plain: dict[str, Any] = json.loads(json.dumps(value))
    return plain


def _require_same(folder: Path, earlier: dict[str, Any], now: dict[str, Any]) -> None:
    for name in now:
        if earlier.get(name) != now[name]:
            raise InvalidRun(
                f"{folder} was started with {name} {earlier.get(name)}, now it is {now[name]}; "
                "use the same options to go on, or another OUT"
            )
