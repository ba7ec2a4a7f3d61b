"""A node as a page tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.pages.card import sentence
from service.pages.picture import Picture
from service.pages.study import Look, Study

NOT_SCORED = {"at edge": "not scored: at the edge of the CT", "too small": "not scored: too small"}
NONE = "–"


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One node, in words and numbers that stand in the page as they are.

    Attributes:
        label: The node's number.
        names: What it is called by whoever marked it.
        study: Name of the study that it is of.
        probability: Of metastasis; None where it was not scored.
        call: ``benign`` or ``metastatic``; empty where it was not scored.
        verdict: The call, or why there is none.
        place: x, y, z of its centre in LPS, in mm.
        point_mm: Where the viewer goes: the centre, on the slices that the network was given.
        size: Short and long axis in mm.
        volume: In mm³.
        density: Mean and standard deviation in HU.
        lift: Of the heat on the node: 1 is chance.
        inside: Share of the heat that lies on the node.
        peak: Of the heat, raw; None where there is none.
        notices: What the reader must know about it.
        picture: Its crop with the heat; None where there is none.
    """

    label: int
    names: tuple[str, ...]
    study: str
    probability: float | None
    call: str
    verdict: str
    place: str
    point_mm: tuple[float, float, float]
    size: str
    volume: str
    density: str
    lift: str
    inside: str
    peak: float | None
    notices: tuple[str, ...]
    picture: Picture | None = None

    @classmethod
    def of(cls, node: Mapping[str, Any], study: str, look: Look | None = None) -> "Entry":
        """A node of ``findings.json``."""
        sizes, call = node["measurements"], node["call"] or ""
        x, y, z = node["centroid_lps_mm"]
        name = f"Node {node['label']} of {study}"
        return cls(
            label=node["label"],
            names=tuple(node.get("names", ())),
            study=study,
            probability=node["probability"],
            call=call,
            verdict=call or NOT_SCORED.get(node["status"], "not scored"),
            place=f"{x:.1f}, {y:.1f}, {z:.1f}",
            point_mm=(x, y, look.crop.geometry.box.centre_mm[2] if look else z),
            size=f"{sizes['short_axis_mm']:.1f} × {sizes['long_axis_mm']:.1f}",
            volume=f"{sizes['volume_mm3']:.0f}",
            density=_density(sizes["mean_hu"], sizes["sd_hu"]),
            lift=_number(node["heat_lift"], "{:.2f}"),
            inside=_number(node["heat_inside_node"], "{:.0%}"),
            peak=node["heat_peak"],
            notices=tuple(sentence(notice["message"]) for notice in node["notices"]),
            picture=Picture.of_look(look, name) if look else None,
        )

    @property
    def shown_probability(self) -> str:
        """With two digits: the rest is no knowledge."""
        return _number(self.probability, "{:.2f}")

    @property
    def name(self) -> str:
        """Its number, and what it is called."""
        called = f" ({', '.join(self.names)})" if self.names else ""
        return f"Node {self.label}{called}"

    @property
    def summary(self) -> str:
        """The node in one line."""
        scored = "" if self.probability is None else f", probability of metastasis {self.shown_probability}"
        return f"{self.name}: {self.verdict}{scored}, {self.size} mm"

    @property
    def detail(self) -> str:
        """What else was measured, and how much of the heat lies on it."""
        told = f"{self.volume} mm³, {self.density} HU."
        if not self.peak:
            return told
        return f"{told} Heat map: {self.inside} of the heat lies on the node, lift {self.lift}, peak {self.peak:.3g}."

    def told(self, scene: str, summary: str) -> dict[str, Any]:
        """
        The node as the viewer is told of it.

        Args:
            scene: Name of the images in which it is.
            summary: What stands below the picture.
        """
        return {
            "label": self.label,
            "name": self.name,
            "point_mm": self.point_mm,
            "peak": self.peak,
            "summary": summary,
            "detail": self.detail,
            "notices": self.notices,
            "scene": scene,
        }


def entries_of(study: Study) -> list[Entry]:
    """All nodes of a study, the most probable first, those without a score last."""
    entries = [Entry.of(node, study.name, study.looks.get(node["label"])) for node in study.findings["nodes"]]
    return sorted(entries, key=lambda entry: -1.0 if entry.probability is None else entry.probability, reverse=True)


def _density(mean_hu: float | None, sd_hu: float | None) -> str:
    return NONE if mean_hu is None or sd_hu is None else f"{mean_hu:.0f} ± {sd_hu:.0f}"


def _number(value: float | None, form: str) -> str:
    return NONE if value is None else form.format(value)
