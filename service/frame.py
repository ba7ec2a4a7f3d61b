"""Findings as a table of pandas, for notebooks; the extra ``batch`` brings it."""

from typing import Any

from service.batch.frame import require_pandas
from service.findings import Classification, NodeFinding

SIZES = ("volume_mm3", "long_axis_mm", "short_axis_mm", "mean_hu", "sd_hu")
PLACES = ("centroid_x_mm", "centroid_y_mm", "centroid_z_mm")
HEAT = ("heat_inside_node", "heat_lift")


def node_frame(found: Classification) -> Any:
    """
    A ``pandas.DataFrame`` with a row for each node, by label.

    Columns are named as in the ``nodes.csv`` of a batch (`service.batch.frame`); what does not exist is missing.

    Raises:
        ExtraMissing: pandas or pyarrow is not installed.
    """
    rows = [_row(node) for node in found.nodes]
    columns = ["node", "status", "probability", "logit", "call", *SIZES, *PLACES, *HEAT, "notices"]
    return require_pandas().DataFrame(rows, columns=columns).set_index("node")


def _row(node: NodeFinding) -> dict[str, Any]:
    score = node.score
    row: dict[str, Any] = {"node": node.label, "status": node.status.value}
    row |= {name: getattr(node.measurements, name) for name in SIZES}
    row |= dict(zip(PLACES, node.centroid_mm, strict=True))
    row["notices"] = " ".join(notice.code for notice in node.notices)
    if score:
        row |= {"probability": score.probability, "logit": score.logit, "call": score.call.value}
        row |= {"heat_inside_node": score.heat_share.inside, "heat_lift": score.heat_share.lift}
    return row
