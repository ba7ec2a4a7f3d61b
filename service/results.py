"""
The files that `nodelens-score` leaves.

``findings.json``::

    research_use   the sentence that must go with every finding
    request_id     for the server's log
    model          name, version, digest (SHA-256 of the file), synthetic (true: trained on phantoms, its numbers say
                   nothing about patients), released (true: has release gates and passed them all)
    operating_point, separation, edge_policy    what was chosen
    nodes[]        label, names (of the segments or ROIs that it consists of, in a DICOM study; else none),
                   status ("scored", "at edge", "too small"), centroid_lps_mm [x, y, z],
                   box_lps_mm {lower, upper}, measurements {volume_mm3, long_axis_mm, short_axis_mm, mean_hu, sd_hu},
                   notices [{code, message}], and if scored, else null: probability, logit, call ("benign",
                   "metastatic"), heat_inside_node, heat_lift, heat_peak, picture (file name)
    notices[]      {code, message}, about the whole
    timings_s      decode, preprocess, queue, inference, total, on the server
    heatmap        file name of the heat maps on the CT's grid, or null

Numbers that do not exist are null. Nothing in it names the patient, or a path, unless somebody named a segment so.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from imaging.crop import Crop
from imaging.files import write_image
from imaging.manifest import Manifest
from service.findings import Classification, Heat, NodeFinding, Notice
from service.options import ClassifyOptions
from service.overlay import save_overlay
from service.table import RESEARCH_USE

FINDINGS = "findings.json"
HEATMAP = "heatmap.nii.gz"
NO_NAMES: Mapping[int, Sequence[str]] = {}
PICTURE = re.compile(r"node-\d+\.png")


def save_results(
    folder: Path,
    classification: Classification,
    manifest: Manifest,
    options: ClassifyOptions,
    crops: Mapping[int, Crop],
    names: Mapping[int, Sequence[str]] = NO_NAMES,
) -> None:
    """
    Write all results, or none; those of an earlier run are replaced, its pictures included.

    Args:
        folder: Where to write; made if missing. Other files in it are left alone.
        classification: What to write.
        manifest: Of the model that scored.
        options: What was chosen.
        crops: The scored nodes' crops by label, for their pictures.
        names: What nodes are called by whoever marked them, by label.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix=".nodelens-") as drafts:
        draft = Path(drafts)
        if classification.heat:
            _write_heat(draft / HEATMAP, classification.heat)
        for node in classification.nodes:
            _write_picture(draft, node, manifest, crops)
        told = findings_of(classification, manifest, options, names)
        findings = json.dumps(told, indent=1, allow_nan=False)
        (draft / FINDINGS).write_text(findings + "\n", encoding="utf-8")
        _replace_results(folder, draft)


def findings_of(
    classification: Classification,
    manifest: Manifest,
    options: ClassifyOptions,
    names: Mapping[int, Sequence[str]] = NO_NAMES,
) -> dict[str, Any]:
    """The content of ``findings.json`` as plain values; see the module."""
    model, timings, chosen = classification.model, classification.timings, options.operating_point
    return {
        "research_use": RESEARCH_USE,
        "request_id": classification.request_id,
        "model": {
            "name": model.name,
            "version": model.version,
            "digest": model.digest,
            "synthetic": manifest.training_data.synthetic,
            "released": manifest.released,
        },
        "operating_point": manifest.operating_point.probability if chosen is None else chosen,
        "separation": options.separation.value,
        "edge_policy": options.edge_policy.value,
        "nodes": [_node(node, names.get(node.label, ())) for node in classification.nodes],
        "notices": _notices(classification.notices),
        "timings_s": {
            "decode": timings.decode_s,
            "preprocess": timings.preprocess_s,
            "queue": timings.queue_s,
            "inference": timings.inference_s,
            "total": timings.total_s,
        },
        "heatmap": HEATMAP if classification.heat else None,
    }


def _node(node: NodeFinding, names: Sequence[str]) -> dict[str, Any]:
    sizes, score, heatmap = node.measurements, node.score, node.heatmap
    return {
        "label": node.label,
        "names": list(names),
        "status": node.status.value,
        "centroid_lps_mm": node.centroid_mm,
        "box_lps_mm": {"lower": node.box.lower_mm, "upper": node.box.upper_mm},
        "measurements": {
            "volume_mm3": sizes.volume_mm3,
            "long_axis_mm": sizes.long_axis_mm,
            "short_axis_mm": sizes.short_axis_mm,
            "mean_hu": _number(sizes.mean_hu),
            "sd_hu": _number(sizes.sd_hu),
        },
        "probability": score.probability if score else None,
        "logit": score.logit if score else None,
        "call": score.call.value if score else None,
        "heat_inside_node": score.heat_share.inside if score else None,
        "heat_lift": score.heat_share.lift if score else None,
        "heat_peak": float(heatmap.values.max()) if heatmap else None,
        "picture": _picture_name(node) if heatmap else None,
        "notices": _notices(node.notices),
    }


def _notices(notices: tuple[Notice, ...]) -> list[dict[str, str]]:
    return [{"code": notice.code, "message": notice.message} for notice in notices]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _picture_name(node: NodeFinding) -> str:
    return f"node-{node.label}.png"


def _write_heat(path: Path, heat: Heat) -> None:
    write_image(path, heat.values, heat.geometry)


def _write_picture(folder: Path, node: NodeFinding, manifest: Manifest, crops: Mapping[int, Crop]) -> None:
    if node.score is None or node.heatmap is None:
        return
    crop = crops[node.label]
    training = " (trained on phantoms)" if manifest.training_data.synthetic else ""
    title = (
        f"Node {node.label}: probability of metastasis {node.score.probability:.2f}, {node.score.call.value}\n"
        f"{manifest.name} {manifest.version}{training}. {RESEARCH_USE}"
    )
    heat = manifest.heatmap.on_crop(node.heatmap.values, crop.geometry)
    save_overlay(folder / _picture_name(node), crop, heat, title)


def _replace_results(folder: Path, draft: Path) -> None:
    """Earlier findings go first and new ones come last: a folder with findings is complete."""
    (folder / FINDINGS).unlink(missing_ok=True)
    for old in folder.iterdir():
        if old.name == HEATMAP or PICTURE.fullmatch(old.name):
            old.unlink()
    for new in sorted(draft.iterdir(), key=lambda path: path.name == FINDINGS):
        new.replace(folder / new.name)
