"""Nodes have one name and one place in all results."""

from dataclasses import replace

import numpy as np
import pytest

from imaging.crop import EdgePolicy
from imaging.dicom.study import Mark
from imaging.errors import InvalidMask
from imaging.separation import NodeSeparation
from service.dicom.nodes import reported_nodes, scored
from service.options import ClassifyOptions
from tests.service.dicom.studies import LABELS, ORDERS, SPEC, answer, model, study

COMPONENTS = ClassifyOptions(separation=NodeSeparation.CONNECTED_COMPONENTS)


def reported(told, options=LABELS):
    """The nodes of a study."""
    return reported_nodes(told, answer(told, model(), options), SPEC, options)


def test_a_node_is_called_by_its_number_and_its_mark():
    """What the reader called it stands beside the number of the findings."""
    assert ["Node 1 (station 7)", "Node 2 (hilar)", "Node 3 (edge)"] == [each.tracking_id for each in reported(study())]


def test_names_that_dicom_does_not_allow_are_cleaned():
    """A backslash would be two values, and a label has 64 characters."""
    marks = (Mark(1, "a\\b\nc"), Mark(2, "x" * 99), Mark(3, ""))

    first, second, third = reported(study(marks=marks))

    assert "Node 1 (abc)" == first.tracking_id
    assert len(second.tracking_id) <= 64
    assert "Node 3" == third.tracking_id


@pytest.mark.parametrize(
    "changes", [{"edge_policy": EdgePolicy.PAD}, {"separation": NodeSeparation.CONNECTED_COMPONENTS}]
)
def test_findings_of_other_nodes_are_refused(changes):
    """Numbers must never be told of a node that they are not of."""
    told = study()
    joined = np.where(told.mask.labels > 0, 1, 0).astype(np.uint8)
    told = replace(told, mask=replace(told.mask, labels=joined))

    with pytest.raises(InvalidMask, match="give the options that they were made with"):
        reported_nodes(told, answer(study(), model()), SPEC, replace(LABELS, **changes))


class TestTracking:
    def test_the_readers_uid_is_carried_over(self):
        """Where the segmentation tracks a node, results track the same."""
        assert "1.2.3.4" == reported(study())[1].tracking_uid

    def test_a_node_without_uid_is_tracked_by_its_marking(self):
        """Another model tells of the same node under the same UID, and no two nodes share one."""
        first, again = reported(study()), reported(study())

        assert [each.tracking_uid for each in first] == [each.tracking_uid for each in again]
        assert 3 == len({each.tracking_uid for each in first})

    def test_two_nodes_of_one_mark_do_not_share_its_uid(self):
        """One UID for two lumps would merge them in whatever tracks them."""
        told = study()
        one = told.mask.labels.copy()
        one[one > 0] = 2
        merged = replace(told, mask=replace(told.mask, labels=one))

        uids = {each.tracking_uid for each in reported(merged, COMPONENTS)}

        assert 3 == len(uids)
        assert "1.2.3.4" not in uids

    @pytest.mark.parametrize("uid", ["no uid", "1.2.3.4", "1.02"])
    def test_a_uid_that_tracks_nothing_is_not_carried_over(self, uid):
        """One that DICOM does not allow, and one of two marks, would track the wrong node or none."""
        marks = (Mark(1, "a", uid), Mark(2, "b", "1.2.3.4"), Mark(3, "c", "1.2.3.4"))

        uids = [each.tracking_uid for each in reported(study(marks=marks))]

        assert 3 == len(set(uids))
        assert (uid == "1.2.3.4") or uid not in uids


def test_the_best_slice_goes_through_the_node():
    """In every storage order the slice that stands for a node shows some of its voxels."""
    for order in ORDERS.values():
        told = study(order)

        shown = [each.finding.label in told.mask.labels[each.slice_index] for each in reported(told)]

        assert [True, True, True] == shown


def test_only_nodes_with_a_score_are_shown():
    """The node at the edge has no crop, and is in no picture, segment or map."""
    told = reported(study())

    assert [1, 2] == [each.finding.label for each, _ in scored(told)]
    assert told[2].crop is None
    assert np.isfinite([crop.pixels.sum() for _, crop in scored(told)]).all()
