"""All that is measured about answers to held-out nodes."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.training.fitted import answers
from training.errors import InvalidCases
from training.findings import USED, findings_of


@pytest.fixture(scope="module")
def held_out(fitted):
    """What a network says about its test part."""
    _, _, found = answers(fitted)
    return found


def test_the_table_has_size_first_and_others_last(held_out):
    """Short axis and volume stand in every table; a score that is handed in is compared like the network."""
    others = {"forest": held_out.logits}
    findings = findings_of("cnn-gap", held_out, True, {}, others)
    rows = {row.name: row for row in findings.comparison}

    assert ["short axis alone", "volume alone", "cnn-gap", "forest"] == list(rows)
    assert rows["cnn-gap"].above == rows["forest"].above
    assert findings.evaluation.short_axis_auc == rows["short axis alone"].bootstrap
    assert findings.evaluation.auc_above_short_axis == rows["cnn-gap"].above.bootstrap


def test_it_all_goes_into_json(held_out):
    """Nothing is infinite or missing, also where there are only four nodes; the chief numbers stand at the top."""
    findings = findings_of("cnn-gap", held_out, True, {}, {})
    plain = json.loads(json.dumps(findings.to_dict(), allow_nan=False))

    assert len(held_out.labels) == plain["node_count"]
    assert findings.evaluation.auc.value == plain["auc"]["value"]
    assert [USED, "temperature", "none"] == list(plain["calibration"])
    assert {"decision_curve", "operating_points", "power", "subgroups", "gaps"} <= set(plain)


def test_scanners_are_subgroups_where_the_table_names_them(held_out):
    """Without the column there is no such group; a node whose cell is empty is in a group of its own."""
    named = [replace(case, scanner="A" if n else "") for n, case in enumerate(held_out.cases)]
    plain, told = (
        findings_of("cnn-gap", each, True, {}, {}).subgroups
        for each in (held_out, replace(held_out, cases=tuple(named)))
    )

    assert {"short axis", "slice spacing"} == {group.kind for group in plain}
    assert {"A", "not said"} == {group.name for group in told if group.kind == "scanner"}
    assert ["2: 1.5 to 3.0 mm"] == [group.name for group in plain if group.kind == "slice spacing"]


def test_a_score_of_other_nodes_is_refused(held_out):
    """A baseline must have answered exactly these nodes."""
    with pytest.raises(InvalidCases, match="'forest' has no value for some"):
        findings_of("cnn-gap", held_out, True, {}, {"forest": np.zeros(1)})
