"""The page that the demonstration ends with: one file, readable offline."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from imaging.roc import Estimate
from training.report.page import write_page
from training.report.picture import Picture

REPORT = "report.html"
"""Of `nodelens-score`, beside the findings of each CT: it has the viewer."""

TEMPLATE = Path(__file__).with_name("report.html.j2")


@dataclass(frozen=True, slots=True)
class Scan:
    """
    A CT that was scored.

    Attributes:
        title: What it is.
        origin: Where it comes from, and what its probabilities are worth.
        folders: What ``nodelens-score`` wrote, by network.
    """

    title: str
    origin: str
    folders: dict[str, Path]


def write_report(out: Path, networks: tuple[str, ...], scans: list[Scan], commands: list[str], minutes: float) -> Path:
    """Write ``report.html`` into ``out``, with all figures inside."""
    path = out / "report.html"
    write_page(
        path,
        TEMPLATE,
        synthetic=True,
        created=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        minutes=f"{minutes:.1f}",
        commands=commands,
        cohort=json.loads((out / "cohort" / "cohort.json").read_text()),
        runs=[_run(out / "runs" / network) for network in networks],
        scans=[_scan(scan, out) for scan in scans],
    )
    return path


def _run(folder: Path) -> dict[str, Any]:
    evaluation = json.loads((folder / "evaluation.json").read_text())
    figures = {"roc.png": "ROC curve on held-out phantoms", "loss.png": "Loss in training and validation"}
    return {
        "name": folder.name,
        "node_count": evaluation["node_count"],
        "auc": str(Estimate(**evaluation["auc"])),
        "size_auc": str(Estimate(**evaluation["size_auc"])),
        "mean_lift": evaluation["mean_lift"],
        "figures": [Picture.read(folder / name, f"{folder.name}: {alt}") for name, alt in figures.items()],
    }


def _scan(scan: Scan, out: Path) -> dict[str, Any]:
    findings = {network: json.loads((folder / "findings.json").read_text()) for network, folder in scan.folders.items()}
    return {
        "title": scan.title,
        "origin": scan.origin,
        "reports": {network: (folder / REPORT).relative_to(out) for network, folder in scan.folders.items()},
        "nodes": [_node(network, node) for network, found in findings.items() for node in found["nodes"]],
        "figures": [
            Picture.read(picture, f"{scan.title}, {network}, {picture.stem}")
            for network, folder in scan.folders.items()
            for picture in sorted(folder.glob("node-*.png"))
        ],
    }


def _node(network: str, node: dict[str, Any]) -> dict[str, str]:
    sizes = node["measurements"]
    scored = node["probability"] is not None
    return {
        "model": network,
        "label": str(node["label"]),
        "place": ", ".join(f"{value:.1f}" for value in node["centroid_lps_mm"]),
        "size": f"{sizes['short_axis_mm']:.1f} × {sizes['long_axis_mm']:.1f}",
        "probability": f"{node['probability']:.3f}" if scored else "–",
        "call": node["call"] if scored else node["status"],
        "lift": f"{node['heat_lift']:.2f}" if scored else "–",
    }
