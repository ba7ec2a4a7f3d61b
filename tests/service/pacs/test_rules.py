"""Rules choose what is scored, and on which CT."""

import re
from dataclasses import replace

import pytest
from pydicom.dataset import Dataset

from service.pacs.archive import SeriesView, StudyView
from service.pacs.rules import NODES, Marking, Rule, candidates, key_of
from tests.service.pacs.phantoms import ct_slices, segmentation, structure_set

RULE = Rule(re.compile(NODES))
CT = SeriesView("ct", "1.2.3", "CT", ("a", "b"))
OTHER = SeriesView("other", "1.2.4", "CT", ("c", "d"))
MARKING = Marking("m", "contours", ("LN_1", "Liver", "left lymph node"), frozenset({"1.2.3"}))


def study(*series):
    """A quiet study."""
    return StudyView("study", True, series)


class TestMarking:
    def test_a_segmentation_is_known_by_its_segments_and_series(self):
        """With the CT that it refers to."""
        slices = ct_slices()
        marking = Marking.of("m", segmentation(slices, label="Lymph node"))

        assert Marking("m", "canary Lymph node", ("Lymph node",), {slices[0].SeriesInstanceUID}) == marking

    def test_a_structure_set_is_known_by_its_drawn_regions(self):
        """A region without a contour marks nothing."""
        slices = ct_slices()
        drawn = structure_set(slices, "LN_1")
        empty = Dataset()
        empty.ROINumber, empty.ROIName = 2, "LN_2"
        drawn.StructureSetROISequence.append(empty)

        assert Marking("m", "canary contours", ("LN_1",), {slices[0].SeriesInstanceUID}) == Marking.of("m", drawn)

    def test_anything_else_is_no_marking(self):
        """Such as a slice."""
        assert Marking.of("m", ct_slices()[0]) is None


class TestNames:
    def test_names_that_match_are_nodes(self):
        """The others are not."""
        assert ("LN_1", "left lymph node") == RULE.names(MARKING)

    def test_a_series_that_matches_means_all_its_names(self):
        """Where no name does."""
        nameless = replace(MARKING, description="Nodes", names=("1", "2"))

        assert ("1", "2") == RULE.names(nameless)

    def test_what_matches_nowhere_marks_no_nodes(self):
        """The marking is passed over."""
        assert () == RULE.names(replace(MARKING, names=("Liver", "PLN")))
        assert () == candidates(study(CT), [replace(MARKING, names=("Liver",))], RULE)


class TestCandidates:
    def test_a_marking_is_scored_on_the_ct_it_refers_to(self):
        """Whatever else is in the study."""
        [found] = candidates(study(OTHER, CT, replace(CT, modality="PT")), [MARKING], RULE)

        assert (key_of("m", "ab"), "m", "ct", "") == (found.key, found.marking, found.series, found.problem)

    def test_the_only_ct_is_meant_where_the_reference_is_lost(self):
        """Whether they belong together is seen when they are read."""
        [found] = candidates(study(OTHER), [MARKING], RULE)

        assert "other" == found.series

    @pytest.mark.parametrize(
        ("series", "uids", "problem"),
        [
            ((), {"1.2.3"}, "the study has no CT"),
            ((OTHER, replace(OTHER, id="third")), {"1.2.3"}, "is not in the study"),
            ((CT, OTHER), {"1.2.3", "1.2.4"}, "fits 2 CT series"),
            ((CT, OTHER), (), "fits 2 CT series"),
        ],
    )
    def test_a_marking_without_one_ct_is_a_problem(self, series, uids, problem):
        """The reason is told, without any UID."""
        [found] = candidates(study(*series), [replace(MARKING, ct_uids=frozenset(uids))], RULE)

        assert problem in found.problem
        assert "" == found.series
        assert "1.2." not in found.problem


class TestKey:
    def test_the_same_pair_has_the_same_key(self):
        """In whatever order an archive lists the slices."""
        assert key_of("m", ["a", "b"]) == key_of("m", ["b", "a"])

    def test_another_marking_or_slice_is_another_pair(self):
        """One more slice is enough."""
        assert 3 == len({key_of("m", ["a", "b"]), key_of("n", ["a", "b"]), key_of("m", ["a", "b", "c"])})
