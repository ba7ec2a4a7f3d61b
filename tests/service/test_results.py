"""What `nodelens-score` leaves in a folder."""

import json
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.testing import assert_allclose, assert_array_equal

from imaging.crop import EdgePolicy, NodeStatus
from imaging.measurements import NodeMeasurements
from imaging.separation import NodeSeparation
from service.findings import Notice
from service.options import ClassifyOptions
from service.results import findings_of, save_results
from tests.imaging.manifests import manifest
from tests.service.answers import CT_GRID, answer, crop, node

OPTIONS = ClassifyOptions(NodeSeparation.LABELS, EdgePolicy.PAD)


def names(folder):
    """The files of a folder, hidden ones included."""
    return sorted(path.name for path in folder.iterdir())


class TestFindings:
    def test_a_scored_node_is_told_in_full(self):
        """Probability, call, heat, place, size and the name of its picture stand under plain names."""
        found = findings_of(answer(node(8)), manifest(), OPTIONS)

        [told] = found["nodes"]
        assert (8, "scored", 0.8, "metastatic") == tuple(told[k] for k in ("label", "status", "probability", "call"))
        assert (0.25, 2.5, 2.0) == tuple(told[k] for k in ("heat_inside_node", "heat_lift", "heat_peak"))
        assert (9.0, -3.0, 107.5) == told["centroid_lps_mm"]
        assert 7.0 == told["measurements"]["short_axis_mm"]
        assert "node-8.png" == told["picture"]

    @pytest.mark.parametrize("status", [NodeStatus.AT_EDGE, NodeStatus.TOO_SMALL])
    def test_a_node_without_score_has_no_numbers_of_one(self, status):
        """It is null, and never 0, what was not found: an unscored node must not look benign."""
        [told] = findings_of(answer(node(1, status)), manifest(), OPTIONS)["nodes"]

        assert status.value == told["status"]
        assert {None} == {told[key] for key in ("probability", "logit", "call", "heat_lift", "picture")}

    def test_it_says_that_it_is_for_research_and_what_the_model_learnt_from(self):
        """No number leaves without the sentence, nor without saying that it came from phantoms."""
        synthetic = findings_of(answer(), manifest(), OPTIONS)
        data = replace(manifest().training_data, synthetic=False)
        real = findings_of(answer(), manifest(training_data=data, gates=()), OPTIONS)

        assert "Research use only. Not a diagnosis." == synthetic["research_use"]
        assert (True, True) == (synthetic["model"]["synthetic"], synthetic["model"]["released"])
        assert (False, False) == (real["model"]["synthetic"], real["model"]["released"])

    def test_the_operating_point_is_the_models_unless_one_was_chosen(self):
        """Which probability decided stands beside the calls."""
        assert 0.3 == findings_of(answer(), manifest(), OPTIONS)["operating_point"]
        assert 0.0 == findings_of(answer(), manifest(), replace(OPTIONS, operating_point=0.0))["operating_point"]

    def test_density_that_does_not_exist_is_null(self):
        """JSON has no NaN: a node outside the CT has no mean."""
        nowhere = NodeMeasurements(300.0, 11.0, 7.0, float("nan"), float("nan"))
        found = findings_of(answer(node(1, NodeStatus.AT_EDGE, measurements=nowhere)), manifest(), OPTIONS)

        assert found["nodes"][0]["measurements"]["mean_hu"] is None
        json.dumps(found, allow_nan=False)

    def test_nodes_have_the_names_of_who_marked_them(self):
        """Where there are some; else none, and never another's."""
        found = findings_of(answer(node(1), node(2)), manifest(), OPTIONS, {2: ("hilar", "station 7")})

        assert [[], ["hilar", "station 7"]] == [told["names"] for told in found["nodes"]]

    def test_notices_keep_their_codes(self):
        """Programs find the codes of the wire, on the whole and on a node."""
        notice = Notice("NO_POSITIVE_EVIDENCE", "no heat")
        found = findings_of(answer(node(1, notices=(notice,)), notices=(notice,)), manifest(), OPTIONS)

        assert [{"code": "NO_POSITIVE_EVIDENCE", "message": "no heat"}] == found["notices"]
        assert found["notices"] == found["nodes"][0]["notices"]


class TestFolder:
    def test_it_holds_findings_heat_and_a_picture_of_each_scored_node(self, tmp_path):
        """Nothing else is left there, no draft either."""
        found = answer(node(1), node(2, NodeStatus.AT_EDGE))

        save_results(tmp_path / "new" / "out", found, manifest(), OPTIONS, {1: crop()})

        assert ["findings.json", "heatmap.nii.gz", "node-1.png"] == names(tmp_path / "new" / "out")
        assert 2 == len(json.loads((tmp_path / "new" / "out" / "findings.json").read_text())["nodes"])

    def test_heat_lies_on_the_grid_of_the_ct(self, tmp_path):
        """The NIfTI is float32 and has the CT's place: a viewer lays one over the other."""
        save_results(tmp_path, answer(), manifest(), OPTIONS, {})

        image = sitk.ReadImage(tmp_path / "heatmap.nii.gz")
        assert sitk.sitkFloat32 == image.GetPixelID()
        assert_allclose(image.GetOrigin(), CT_GRID.origin_mm, atol=1e-5)
        assert_allclose(image.GetSpacing(), CT_GRID.spacing_mm[::-1], rtol=1e-6)
        assert_array_equal(np.argwhere(sitk.GetArrayFromImage(image)), [[2, 4, 5]])

    def test_a_second_run_leaves_nothing_of_the_first(self, tmp_path):
        """The picture of a node that is no longer there would be another patient's; other files are left alone."""
        (tmp_path / "notes.txt").write_text("mine")
        (tmp_path / "node-list.png").write_text("mine")
        save_results(tmp_path, answer(node(1), node(2)), manifest(), OPTIONS, {1: crop(), 2: crop()})

        save_results(tmp_path, answer(node(1)), manifest(), OPTIONS, {1: crop()})

        assert ["findings.json", "heatmap.nii.gz", "node-1.png", "node-list.png", "notes.txt"] == names(tmp_path)

    def test_what_fails_half_way_leaves_the_earlier_results_whole(self, tmp_path):
        """Where a picture cannot be drawn the folder is as it was."""
        save_results(tmp_path, answer(node(1)), manifest(), OPTIONS, {1: crop()})
        before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

        with pytest.raises(KeyError):
            save_results(tmp_path, answer(node(2)), manifest(), OPTIONS, {})

        assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
