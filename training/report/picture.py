"""Pictures that stand inside a page."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Picture:
    """
    A PNG inside a page.

    Attributes:
        uri: Its bytes, as a ``data:`` URI.
        alt: What it shows, for those who do not see it.
    """

    uri: str
    alt: str

    @classmethod
    def of(cls, figure: Figure, alt: str) -> "Picture":
        """A figure, drawn."""
        png = io.BytesIO()
        figure.savefig(png, format="png")
        return cls._of_bytes(png.getvalue(), alt)

    @classmethod
    def read(cls, path: Path, alt: str) -> "Picture":
        """A PNG file."""
        return cls._of_bytes(path.read_bytes(), alt)

    @classmethod
    def _of_bytes(cls, png: bytes, alt: str) -> "Picture":
        return cls("data:image/png;base64," + base64.b64encode(png).decode("ascii"), alt)


def new_figure(title: str) -> tuple[Figure, Axes]:
    """An empty figure of the usual size, without a window."""
    figure = Figure(figsize=(5.5, 4.8), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_title(title, fontsize=10)
    return figure, axes
