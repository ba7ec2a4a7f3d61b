"""What a reader is asked about."""

import hashlib

import numpy as np

from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.review import Verdict
from imaging.separation import NodeSeparation, find_nodes
from service.pages.review.item import items_of, values_in_file


def test_every_node_of_every_case_is_asked_about(results):
    """Those without score too, in the order of the cases."""
    items = items_of(results)

    assert 12 == len(items)
    assert ["p0", "p0", "p0", "p1"] == [item.entry.study for item in items[:4]]
    assert [1, 2, 3, 1] == [item.entry.label for item in items[:4]]


def test_a_verdict_names_the_node_in_its_files(results, cohort):
    """By the digests that training knows them by, so that it counts there."""
    files = items_of(results)[4].opinion("r1", Verdict.BENIGN, "", ()).finding.files

    assert hashlib.sha256((cohort.parent / "p1.nii.gz").read_bytes()).hexdigest() == files.image_digest
    assert hashlib.sha256((cohort.parent / "p1_mask.nii.gz").read_bytes()).hexdigest() == files.mask_digest
    assert 2 == files.label


def test_the_same_click_has_the_same_id(results):
    """Another verdict, comment, reader or node has another."""
    first, second = items_of(results)[:2]

    def review_id(item, *said, earlier=()):
        return item.opinion(*said, earlier).review_id

    once = review_id(first, "r1", Verdict.BENIGN, "")
    others = {
        review_id(second, "r1", Verdict.BENIGN, ""),
        review_id(first, "r2", Verdict.BENIGN, ""),
        review_id(first, "r1", Verdict.UNSURE, ""),
        review_id(first, "r1", Verdict.BENIGN, "hilum"),
        review_id(first, "r1", Verdict.BENIGN, "", earlier=("another verdict in between",)),
    }
    assert once == review_id(first, "r1", Verdict.BENIGN, "")
    assert 5 == len(others - {once})


def test_components_are_named_by_their_value_where_it_is_theirs_alone():
    """A component's number is a rank; its value in the file is what a table of cases means."""
    labels = np.zeros((1, 8, 8), np.uint8)
    labels[0, 0, :2], labels[0, 3, :3], labels[0, 6, 0], labels[0, 6, 4] = 7, 9, 4, 4
    mask = NodeMask(labels, Geometry(labels.shape, (1.0, 1.0, 1.0)))
    nodes = find_nodes(mask, NodeSeparation.CONNECTED_COMPONENTS)

    assert {1: 9, 2: 7} == values_in_file(mask, nodes)
