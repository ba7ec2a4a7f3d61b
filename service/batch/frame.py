"""
The tables that a batch leaves; pandas and pyarrow write them (the extra ``batch``).

``nodes.csv`` and ``nodes.parquet`` have a row for each node that was found, in the order of the cases and in that of
their labels::

    case             name of the case
    patient          whose it is, as the list of cases says; empty if it does not
    node             the node's number in the answer: its rank by volume, or its value in the mask
    label            1 metastatic, 0 benign, as the list of cases says; empty if it does not
    status           "scored", "at edge" or "too small"; if not scored, the columns from here to call, and of heat, are
                     empty
    probability, logit, operating_point, call ("benign", "metastatic")
    volume_mm3, long_axis_mm, short_axis_mm, mean_hu, sd_hu, centroid_x_mm, centroid_y_mm, centroid_z_mm (LPS)
    heat_inside_node, heat_lift
    notices          codes of all notices about the node and its CT, with blanks between them
    model, model_version, model_digest, synthetic_model, released_model
    synthetic_data   whether the CTs are known to be phantoms
    use              the sentence that must go with every finding

``cases.csv`` has a row for each case::

    case, image, mask, patient
    outcome          "scored", "failed" or "not tried"
    reason, message  why it failed, for programs and for people; the message of a case that was scored tells what one
                     must know about how its files were read
    nodes            how many were found
    nodes_scored     how many of them were scored
    highest_probability
    seconds          what it took, reading and waiting included
    tries, server    calls until it was answered, and who answered
    heatmap          file of its heat maps, from the folder of results
"""

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from imaging.atomic import replacing
from service.batch.case import Case
from service.batch.faults import ExtraMissing
from service.batch.record import Record

NODES_CSV, NODES_PARQUET, CASES_CSV = "nodes.csv", "nodes.parquet", "cases.csv"

STRING, WHOLE, NUMBER, YES_OR_NO = "string", "Int64", "Float64", "boolean"
"""Types of columns; each of them knows what is missing."""

NODE_COLUMNS = {
    **dict.fromkeys(("case", "patient"), STRING),
    **dict.fromkeys(("node", "label"), WHOLE),
    "status": STRING,
    **dict.fromkeys(("probability", "logit", "operating_point"), NUMBER),
    "call": STRING,
    **dict.fromkeys(("volume_mm3", "long_axis_mm", "short_axis_mm", "mean_hu", "sd_hu"), NUMBER),
    **dict.fromkeys(("centroid_x_mm", "centroid_y_mm", "centroid_z_mm", "heat_inside_node", "heat_lift"), NUMBER),
    **dict.fromkeys(("notices", "model"), STRING),
    "model_version": WHOLE,
    "model_digest": STRING,
    **dict.fromkeys(("synthetic_model", "released_model", "synthetic_data"), YES_OR_NO),
    "use": STRING,
}

CASE_COLUMNS = {
    **dict.fromkeys(("case", "image", "mask", "patient", "outcome", "reason", "message"), STRING),
    **dict.fromkeys(("nodes", "nodes_scored"), WHOLE),
    **dict.fromkeys(("highest_probability", "seconds"), NUMBER),
    "tries": WHOLE,
    **dict.fromkeys(("server", "heatmap"), STRING),
}


def require_pandas() -> Any:
    """
    Pandas, which knows how to write Parquet.

    Raises:
        ExtraMissing: pandas or pyarrow is not installed.
    """
    try:
        importlib.import_module("pyarrow")
        return importlib.import_module("pandas")
    except ImportError as error:
        raise ExtraMissing(
            "tables need pandas and pyarrow, which are not installed; install nodelens[batch]"
        ) from error


def write_tables(folder: Path, cases: Sequence[Case], records: Mapping[str, Record], synthetic_data: bool) -> None:
    """Replace ``nodes.csv``, ``nodes.parquet`` and ``cases.csv``."""
    nodes = _frame(node_rows(cases, records, synthetic_data), NODE_COLUMNS)
    listed = _frame((case_row(case, records.get(case.name)) for case in cases), CASE_COLUMNS)
    with replacing(folder / NODES_PARQUET) as draft:
        nodes.to_parquet(draft, index=False)
    for name, frame in ((NODES_CSV, nodes), (CASES_CSV, listed)):
        with replacing(folder / name) as draft:
            frame.to_csv(draft, index=False)


def node_rows(
    cases: Iterable[Case], records: Mapping[str, Record], synthetic_data: bool = False
) -> Iterator[dict[str, Any]]:
    """The rows of ``nodes.csv`` as plain values; what is missing is None."""
    for case in cases:
        record = records.get(case.name)
        if record and record.findings:
            for node in record.nodes:
                yield _node_row(case, record.findings, node) | {"synthetic_data": synthetic_data}


def case_row(case: Case, record: Record | None) -> dict[str, Any]:
    """The row of ``cases.csv`` as plain values; None is a case that was not tried."""
    row: dict[str, Any] = {"case": case.name, "image": str(case.image), "mask": str(case.mask) if case.mask else None}
    row |= {"patient": case.patient or None, "outcome": "not tried"}
    if record is None:
        return row
    scored = [node["probability"] for node in record.nodes if node["probability"] is not None]
    if record.findings:
        row |= {"nodes": len(record.nodes), "nodes_scored": len(scored), "heatmap": record.findings["heatmap"]}
    return row | {
        "outcome": "scored" if record.scored else "failed",
        "reason": record.reason or None,
        "message": record.message or None,
        "highest_probability": max(scored, default=None),
        "seconds": round(record.seconds, 3),
        "tries": record.tries,
        "server": record.server or None,
    }


def _node_row(case: Case, findings: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    model, point_mm = findings["model"], node["centroid_lps_mm"]
    scored = node["probability"] is not None
    codes = [notice["code"] for notice in (*node["notices"], *findings["notices"])]
    return {
        "case": case.name,
        "patient": case.patient or None,
        "node": node["label"],
        "label": case.label_of(node["label"]),
        **{name: node[name] for name in ("status", "probability", "logit", "call", "heat_inside_node", "heat_lift")},
        "operating_point": findings["operating_point"] if scored else None,
        **node["measurements"],
        **{f"centroid_{axis}_mm": value for axis, value in zip("xyz", point_mm, strict=True)},
        "notices": " ".join(codes) or None,
        "model": model["name"],
        "model_version": model["version"],
        "model_digest": model["digest"],
        "synthetic_model": model["synthetic"],
        "released_model": model["released"],
        "use": findings["research_use"],
    }


def _frame(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> Any:
    pandas = require_pandas()
    # Built with its columns, so that a table without rows has them too.
    return pandas.DataFrame(list(rows), columns=list(columns)).astype(dict(columns))
