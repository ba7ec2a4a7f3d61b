"""The choices of preprocessing that a cohort suggests, in a file that one can read and change."""

import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from imaging.errors import InvalidSpec
from imaging.spec import PreprocessingSpec
from imaging.window import Window
from training.errors import InvalidOptions

PAPER = PreprocessingSpec()
"""Window, spacing and input of the paper that NodeLens starts from."""


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Defaults of the options of preprocessing; without choices, those of the paper.

    Attributes:
        spacing_mm: (slices, rows, columns).
        window_hu: Lower and upper limit.
        side_mm: Of the box; None leaves it to the training cases.
        slice_offsets: Axial slices, counted from the largest cross-section.
        input_px: Side of the network's input.
    """

    spacing_mm: tuple[float, float, float] = PAPER.spacing_mm
    window_hu: tuple[float, float] = (PAPER.window.lower_hu, PAPER.window.upper_hu)
    side_mm: float | None = None
    slice_offsets: tuple[int, ...] = PAPER.slice_offsets
    input_px: int = PAPER.input_shape_px[0]

    @classmethod
    def read(cls, path: Path) -> "Plan":
        """
        Read a plan; what it does not say is as in the paper.

        Raises:
            InvalidOptions: no such file, no TOML, or a choice is unknown or impossible.
        """
        try:
            plain = tomllib.loads(path.read_text(encoding="utf-8"))
            plan = cls(**{name: _frozen(value) for name, value in plain.items()})
            plan.spec(plan.side_mm or PAPER.side_mm)
        except OSError as error:
            raise InvalidOptions(f"{path}: no such plan") from error
        except (ValueError, TypeError, InvalidSpec) as error:
            names = ", ".join(field.name for field in fields(cls))
            raise InvalidOptions(f"{path} is no plan; it may say {names}: {error}") from error
        return plan

    def to_toml(self) -> str:
        """The plan as text, one choice a line."""
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return "".join(f"{name} = {value}\n" for name, value in plain.items() if value is not None)

    def spec(self, side_mm: float) -> PreprocessingSpec:
        """
        The choices with a side of the box.

        Raises:
            InvalidSpec: they make no crop.
        """
        return PreprocessingSpec(
            spacing_mm=self.spacing_mm,
            window=Window(*self.window_hu),
            side_mm=side_mm,
            slice_offsets=self.slice_offsets,
            input_shape_px=(self.input_px, self.input_px),
        )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
