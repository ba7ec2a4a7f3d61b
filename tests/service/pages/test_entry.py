"""A node as a page tells of it."""

import pytest

from imaging.crop import NodeStatus
from service.findings import Notice
from service.pages.entry import Entry, entries_of
from service.results import findings_of
from tests.imaging.manifests import manifest
from tests.service.answers import answer, node
from tests.service.pages.studies import OPTIONS, study


def entry(*arguments, **changes):
    """The entry of one node."""
    [told] = findings_of(answer(node(*arguments, **changes)), manifest(), OPTIONS)["nodes"]
    return Entry.of(told, "case-1")


def test_a_scored_node_is_told_in_full():
    """Probability, call, size, density, place and heat, with as many digits as mean something."""
    told = entry(8)

    assert ("0.80", "metastatic", "metastatic") == (told.shown_probability, told.call, told.verdict)
    assert ("7.0 × 11.0", "300", "45 ± 12") == (told.size, told.volume, told.density)
    assert ("9.0, -3.0, 107.5", "25%", "2.50") == (told.place, told.inside, told.lift)
    assert "Node 8: metastatic, probability of metastasis 0.80, 7.0 × 11.0 mm" == told.summary


@pytest.mark.parametrize(
    ("status", "why"), [(NodeStatus.AT_EDGE, "at the edge of the CT"), (NodeStatus.TOO_SMALL, "too small")]
)
def test_a_node_without_score_says_why(status, why):
    """It has a dash where a number would stand, and no call that could be taken for benign."""
    told = entry(1, status)

    assert ("–", "", f"not scored: {why}") == (told.shown_probability, told.call, told.verdict)
    assert "probability" not in told.summary


def test_notices_are_sentences():
    """They are read by people here."""
    assert ("No heat.",) == entry(1, notices=(Notice("NO_POSITIVE_EVIDENCE", "no heat"),)).notices


def test_the_most_probable_comes_first():
    """Nodes without a score come last, not first."""
    entries = entries_of(study())

    assert [1, 2, 3] == [each.label for each in entries]
    assert [True, True, False] == [each.picture is not None for each in entries]


def test_the_viewer_goes_to_the_slices_that_the_network_saw():
    """Heat lies there; the centre of mass may lie on another slice."""
    made = study()
    crop_z = made.looks[1].crop.geometry.box.centre_mm[2]

    assert crop_z == pytest.approx(entries_of(made)[0].point_mm[2])


def test_a_node_is_called_what_its_segment_is_called():
    """So that one knows it again beside the study."""
    [told] = findings_of(answer(node(8)), manifest(), OPTIONS, {8: ("hilum left", "second")})["nodes"]

    assert "Node 8 (hilum left, second)" == Entry.of(told, "case-1").name
    assert "Node 8" == entry(8).name
    assert "Node 8" == Entry.of({key: told[key] for key in told if key != "names"}, "case-1").name


def test_a_map_without_heat_has_no_share_of_it():
    """0 % of nothing would look like a finding."""
    [told] = findings_of(answer(node(8)), manifest(), OPTIONS)["nodes"]
    warm, cold = Entry.of(told | {"heat_peak": 0.5}, "case-1"), Entry.of(told | {"heat_peak": 0.0}, "case-1")

    assert "300 mm³, 45 ± 12 HU. Heat map: 25% of the heat lies on the node, lift 2.50, peak 0.5." == warm.detail
    assert "300 mm³, 45 ± 12 HU." == cold.detail


def test_the_viewer_is_told_what_must_be_known_beside_the_picture():
    """Measurements and notices too: a reader looks there, and not at a card below."""
    told = entry(1, notices=(Notice("NO_POSITIVE_EVIDENCE", "no heat"),)).told("7", "what it is")

    assert ("7", "what it is", "Node 1") == (told["scene"], told["summary"], told["name"])
    assert (("No heat.",), "300 mm³, 45 ± 12 HU.") == (told["notices"], told["detail"].split(" Heat")[0])
