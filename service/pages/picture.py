"""Pictures that stand inside a page."""

import base64
import io
from dataclasses import dataclass

from matplotlib.figure import Figure

from service.overlay import overlay_figure
from service.pages.study import Look


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
        return cls("data:image/png;base64," + base64.b64encode(png.getvalue()).decode("ascii"), alt)

    @classmethod
    def of_look(cls, look: Look, name: str) -> "Picture":
        """A node's crop, and Grad-CAM over it."""
        alt = f"{name}: the middle slice of the crop with the node's outline, and the same with Grad-CAM over it"
        return cls.of(overlay_figure(look.crop, look.heat, ""), alt)
