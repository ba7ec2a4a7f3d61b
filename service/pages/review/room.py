"""What the door shows: the page of the review, and the images of its cases."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from imaging.decision import Call
from imaging.review import Verdict
from service.pages.bundle import WITHOUT_VIEWER, niivue, script
from service.pages.card import MARK, ModelCard
from service.pages.page import rendered
from service.pages.results import Results
from service.pages.review.desk import Desk, Said, progress
from service.pages.scene import Scene
from service.table import RESEARCH_USE
from service.wire_reviews import COMMENT_LENGTH

SCENE = "scene/"

ON_PHANTOMS = "SYNTHETIC: the CTs are phantoms."


class Room:
    """
    Answers the browser.

    Args:
        results: What is reviewed; of at least one scored case.
        desk: Who takes the verdicts.
        where: Where they go, in words.
    """

    def __init__(self, results: Results, desk: Desk, where: str) -> None:
        self._results, self._desk, self._where = results, desk, where
        self._card = ModelCard.of(results.scored[0].findings, results.manifest)
        self._mark = MARK if results.summary["synthetic_data"] else self._card.mark
        self.scene = lru_cache(maxsize=4)(self._scene)

    def get(self, path: str) -> tuple[str, str] | None:
        """Media type and content of a path; None where there is nothing."""
        if path == "":
            return "text/html", self._page()
        number = path.removeprefix(SCENE)
        if path.startswith(SCENE) and number.isdecimal() and int(number) < len(self._results.scored):
            return "application/json", self.scene(int(number))
        return None

    def post(self, sent: Any) -> dict[str, Any]:
        """Take ``{node, verdict, comment}``; tells what is stored, and how much is done."""
        place = sent["node"]
        if not isinstance(place, int) or not 0 <= place < len(self._desk.items):
            raise IndexError(place)
        said = self._desk.take(place, Verdict(sent["verdict"]), str(sent["comment"]).strip())
        return {**said.to_dict(), **progress(self._desk.said())}

    def _scene(self, number: int) -> str:
        """The images of a case, and where the viewer goes for each node: the slices that are shown of it."""
        study = self._results.scored[number].study()
        scene = Scene.of(study)
        heights = {label: look.crop.geometry.origin_mm[2] for label, look in study.looks.items()}
        return json.dumps({**(asdict(scene) if scene else {}), "heights_mm": heights})

    def _page(self) -> str:
        said, viewer = self._desk.said(), niivue()
        return rendered(
            "review.html.j2",
            scripts=(viewer, *map(script, ("viewer.js", "table.js", "review.js"))) if viewer else (),
            own_server=True,
            title="Review",
            research_use=RESEARCH_USE,
            card=self._card,
            mark=self._mark,
            notices=(ON_PHANTOMS,) if self._mark and not self._card.mark else (),
            rows=list(zip((item.entry for item in self._desk.items), said, strict=True)),
            data={"scenes": {}, "scene_url": SCENE, "nodes": [self._told(n, said[n]) for n in range(len(said))]},
            shown="Shown is the part of the CT around the nodes.",
            without_viewer="" if viewer else WITHOUT_VIEWER,
            where=self._where,
            reader=self._desk.reader,
            comment_length=COMMENT_LENGTH,
            progress=progress(said),
            created=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        )

    def _told(self, place: int, said: Said | None) -> dict[str, Any]:
        """A node for the scripts."""
        item = self._desk.items[place]
        entry = item.entry
        others = {Call.METASTATIC: Call.BENIGN, Call.BENIGN: Call.METASTATIC}
        told = entry.told(str(item.asked.number), f"{entry.study}, {entry.summary}{self._mark}")
        return told | {
            "name": f"{entry.study}, {entry.name}",
            "call": entry.call,
            "other": others[Call(entry.call)] if entry.call else "",
            "said": said.to_dict() if said else None,
        }
