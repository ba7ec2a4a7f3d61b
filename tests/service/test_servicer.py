"""The calls, over real gRPC."""

import json

import numpy as np
import pytest

from imaging.mask import NodeMask
from imaging.volume import Volume
from nodelens.v1 import findings_pb2 as findings
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.wire import mask_message, volume_message
from service.wire_findings import classification_from
from tests.imaging.scenes import axis_orders, mask_in_order, volume_in_order
from tests.service.scans import GRID, LARGE_MM, empty_mask, request, scan, stream

LABELS = messages.ClassifyOptions(node_separation=messages.NODE_SEPARATION_LABELS)


class TestClassify:
    def test_nodes_are_scored(self, stub):
        """A node inside gets probability, call and map; one at the edge says so; places are LPS."""
        found = stub.Classify(request(options=LABELS, request_id="study-7")).classification
        large, small, edge = found.nodes

        assert "study-7" == found.request_id
        assert ("cnn-gap", 1) == (found.model.name, found.model.version)
        assert [1, 2, 3] == [node.label for node in found.nodes]
        assert [1, 1, 2] == [node.status for node in found.nodes]
        assert 0 < large.probability < 1
        assert large.probability != small.probability
        assert {0} == {edge.probability, edge.call}
        np.testing.assert_allclose([large.centroid_mm.x, large.centroid_mm.y, large.centroid_mm.z], LARGE_MM, atol=0.1)
        assert [8, 8, 3] == list(large.heatmap.geometry.size)
        assert large.heatmap.peak == np.frombuffer(large.heatmap.values, "<f4").max() > 0
        assert 0 < large.heatmap_inside_node <= 1
        assert not large.slices

    def test_components_are_numbered_by_volume(self, stub):
        """By default the largest component is node 1, whatever its label."""
        volume, mask = scan()
        found = stub.Classify(request(volume, NodeMask(mask.labels * 7, GRID))).classification

        volumes = [node.measurements.volume_mm3 for node in found.nodes]
        assert [1, 2, 3] == [node.label for node in found.nodes]
        assert sorted(volumes, reverse=True) == volumes

    def test_the_stream_answers_as_the_message(self, stub):
        """A CT in chunks gets the same findings as in one message."""
        whole = request(options=LABELS)
        one = stub.Classify(whole).classification
        other = stub.ClassifyStream(iter(stream(whole))).classification

        assert list(one.nodes) == list(other.nodes)

    @pytest.mark.parametrize("order", list(axis_orders())[5::11])
    def test_storage_does_not_matter(self, stub, order):
        """CT and mask in another axis order, or only the CT, get the same probabilities to 1e-5."""
        volume, mask = scan()
        expected = [node.probability for node in stub.Classify(request(options=LABELS)).classification.nodes]
        turned = volume_in_order(volume, order)
        for other in (mask, mask_in_order(mask, order)):
            found = stub.Classify(request(turned, other, options=LABELS)).classification
            np.testing.assert_allclose([node.probability for node in found.nodes], expected, atol=1e-5)

    def test_padding_scores_the_edge(self, stub):
        """With PAD the node at the edge is scored too."""
        options = messages.ClassifyOptions(node_separation=2, edge_policy=messages.EDGE_POLICY_PAD)

        assert [1, 1, 1] == [node.status for node in stub.Classify(request(options=options)).classification.nodes]

    def test_the_operating_point_can_be_chosen(self, stub):
        """At 0 every scored node is called metastatic, at 1 none."""
        for point, call in ((0.0, findings.CALL_METASTATIC), (1.0, findings.CALL_BENIGN)):
            options = messages.ClassifyOptions(node_separation=2, operating_point=point)
            nodes = stub.Classify(request(options=options)).classification.nodes
            assert [call, call, findings.CALL_UNSPECIFIED] == [node.call for node in nodes]

    def test_slices_come_on_request(self, stub):
        """Each slice's logit and LPS z; their mean is the node's logit."""
        options = messages.ClassifyOptions(node_separation=2, include_slices=True)
        node = stub.Classify(request(options=options)).classification.nodes[0]

        assert 3 == len(node.slices)
        assert node.logit == pytest.approx(np.mean([s.logit for s in node.slices]), abs=1e-6)
        np.testing.assert_allclose(np.diff([s.z_mm for s in node.slices]), 0.79)

    def test_heat_comes_on_the_cts_grid(self, stub):
        """With VOLUME one map covers the CT: hot around scored nodes, 0 elsewhere."""
        options = messages.ClassifyOptions(node_separation=2, heatmap_output=messages.HEATMAP_OUTPUT_VOLUME)
        heat = classification_from(stub.Classify(request(options=options)).classification).heat
        k, j, i = np.round(GRID.indices_at([LARGE_MM])[0]).astype(int)

        assert GRID == heat.geometry
        assert heat.values[k, j - 10 : j + 10, i - 10 : i + 10].max() > 0
        assert heat.values[0].max() == heat.values[-1].max() == 0

    def test_maps_can_be_left_out(self, stub):
        """With NONE no map comes, and its lift is told all the same."""
        options = messages.ClassifyOptions(node_separation=2, heatmap_output=messages.HEATMAP_OUTPUT_NONE)
        node = stub.Classify(request(options=options)).classification.nodes[0]

        assert not node.HasField("heatmap")
        assert node.heatmap_lift > 0

    def test_an_empty_mask_is_no_error(self, stub):
        """Zero nodes, and a warning that says so."""
        found = stub.Classify(request(mask=empty_mask())).classification

        assert [] == list(found.nodes)
        assert "EMPTY_MASK" in [warning.code for warning in found.warnings]

    def test_what_a_model_is_worth_goes_with_its_answers(self, stub):
        """A model of phantoms, and one without gates, say so every time."""
        codes = {
            version: {warning.code for warning in stub.Classify(asked).classification.warnings}
            for version, asked in ((1, request()), (2, request(model_version=2)))
        }

        assert {1: {"SYNTHETIC_MODEL"}, 2: {"SYNTHETIC_MODEL", "UNGATED_MODEL"}} == codes

    def test_no_name_means_the_default_and_no_version_the_newest_that_passed(self, stub):
        """The default is the first by name; version 0 is the newest whose gates passed, not the newest."""
        default = stub.Classify(request(model="", model_version=0)).classification.model
        newest = stub.Classify(request(model_version=0)).classification.model

        assert ("cnn", 1) == (default.name, default.version)
        assert ("cnn-gap", 1) == (newest.name, newest.version)


class TestListModels:
    def test_all_models_are_told(self, stub):
        """Those that are served with their manifests, the others with what is wrong."""
        models = {(m.ref.name, m.ref.version): m for m in stub.ListModels(messages.ListModelsRequest()).models}

        assert {("broken", 1), ("cnn", 1), ("cnn-gap", 1), ("cnn-gap", 2), ("misplaced", 1)} == set(models)
        assert [("cnn", 1)] == [key for key, model in models.items() if model.is_default]
        assert 24.0 == json.loads(models["cnn", 1].manifest_json)["preprocessing"]["side_mm"]
        assert not models["broken", 1].ready
        assert "cannot load" in models["broken", 1].problem
        assert "its folder something else" in models["misplaced", 1].problem


def test_float_and_whole_numbers_are_one_ct(stub):
    """A CT in int16 and the same in float32, mask in bits or bytes, get one answer."""
    volume, mask = scan()
    whole = Volume(np.round(volume.hu).astype(np.int16), GRID)
    marked = NodeMask((mask.labels == 1).astype(np.uint8), GRID)
    answers = []
    for sent in (whole, Volume(whole.hu.astype(np.float32), GRID)):
        asked = request()
        asked.volume.CopyFrom(volume_message(sent))
        asked.mask.CopyFrom(mask_message(marked))
        answers.append(stub.Classify(asked).classification.nodes[0].probability)

    assert answers[0] == pytest.approx(answers[1], abs=1e-7)
