"""The report on one CT: one file with a viewer, readable offline."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from imaging.atomic import write_text
from imaging.manifest import Manifest
from service.pages.bundle import WITHOUT_VIEWER, niivue, script
from service.pages.card import ModelCard, notices_of
from service.pages.entry import Entry, entries_of
from service.pages.page import rendered
from service.pages.scene import Scene
from service.pages.study import Study
from service.table import RESEARCH_USE


def write_report(path: Path, study: Study, manifest: Manifest | None) -> None:
    """
    Write the page of a scored CT; an existing file is replaced.

    Args:
        path: Where to write.
        study: What is shown.
        manifest: Of the model that scored; None where it is not known.
    """
    entries, scene, viewer = entries_of(study), Scene.of(study), niivue()
    card = ModelCard.of(study.findings, manifest)
    scenes = {"0": asdict(scene)} if scene and viewer else {}
    page = rendered(
        "report.html.j2",
        scripts=(viewer, script("viewer.js"), script("table.js")) if viewer else (script("table.js"),),
        title=f"Findings in {study.name}",
        research_use=RESEARCH_USE,
        card=card,
        notices=notices_of(study.findings),
        entries=entries,
        data=viewer_data(entries, scenes, card.mark),
        shown=scene.shown if scene else "No node lies in the CT.",
        without_viewer="" if viewer else WITHOUT_VIEWER,
        created=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    )
    write_text(path, page)


def viewer_data(entries: Sequence[Entry], scenes: dict[str, Any], mark: str) -> dict[str, Any]:
    """What the viewer is told: where the nodes are, and the images in which it shows them."""
    return {"scenes": scenes, "nodes": [entry.told("0", f"{entry.summary}{mark}") for entry in entries]}
