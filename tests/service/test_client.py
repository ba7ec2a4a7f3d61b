"""The Python client scores CTs over real connections."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import grpc
import numpy as np
import pytest
from numpy.testing import assert_allclose

from imaging.crop import EdgePolicy, NodeStatus
from imaging.errors import MaskOutsideVolume
from imaging.files import read_mask, read_volume
from imaging.heatmap import heat_share
from imaging.mask import NodeMask
from imaging.preprocessing import prepare
from imaging.separation import NodeSeparation, find_nodes
from imaging.volume import Volume
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.client import NodeClassifier
from service.faults import UnknownModel
from service.options import ClassifyOptions, HeatmapOutput
from service.refusal import Refused, TooSlow
from tests.imaging.scenes import axis_orders, mask_in_order, volume_in_order
from tests.service.models import SPEC
from tests.service.scans import GRID, empty_mask, scan

WITH_VOLUME = ClassifyOptions(heatmap_output=HeatmapOutput.VOLUME)
STATUSES = [NodeStatus.SCORED, NodeStatus.AT_EDGE, NodeStatus.SCORED]


@pytest.fixture(scope="module")
def classifier(server):
    """A client of the running server."""
    with NodeClassifier(server.address) as connected:
        yield connected


def probabilities(found):
    """Of the scored nodes, in order."""
    return [node.score.probability for node in found.nodes if node.score]


class TestModels:
    def test_all_models_are_listed_with_what_is_wrong(self, classifier):
        """Those that the server could not load are there, with the reason."""
        listed = {str(model).split(" (")[0]: model for model in classifier.models()}

        assert {"broken 1", "cnn 1", "cnn-gap 1", "cnn-gap 2", "misplaced 1"} == set(listed)
        assert listed["broken 1"].problem in str(listed["broken 1"])
        assert SPEC == listed["cnn 1"].manifest.preprocessing

    def test_the_servers_default_answers_where_none_is_named(self, classifier):
        """Of several versions the newest that passed its gates is taken, unless one is named."""
        assert "cnn 1" == str(classifier.model())
        assert "cnn-gap 1" == str(classifier.model("cnn-gap"))
        assert "cnn-gap 2" == str(classifier.model("cnn-gap", 2))

    @pytest.mark.parametrize(("name", "version"), [("resnet50", 0), ("cnn", 7), ("broken", 0)])
    def test_a_model_that_cannot_be_asked_is_refused_with_those_that_can(self, classifier, name, version):
        """The message lists what the server has."""
        with pytest.raises(UnknownModel, match=r"it has .*cnn 1, cnn-gap 1"):
            classifier.model(name, version)


class TestParts:
    @pytest.mark.parametrize("edge_policy", EdgePolicy)
    def test_a_part_gets_the_findings_of_the_whole(self, classifier, edge_policy):
        """Sending only what the crops need changes no status, probability or measurement, and no heat on the CT."""
        volume, mask = scan()
        options = replace(WITH_VOLUME, edge_policy=edge_policy)

        part = classifier.classify(volume, mask, "cnn-gap", options=options)
        whole = classifier.classify(volume, mask, "cnn-gap", options=options, whole_volume=True)

        assert [node.status for node in whole.nodes] == [node.status for node in part.nodes]
        assert_allclose(probabilities(part), probabilities(whole), atol=1e-5)
        for a, b in zip(part.nodes, whole.nodes, strict=True):
            assert a.measurements.mean_hu == pytest.approx(b.measurements.mean_hu)
            assert a.box.lower_mm == pytest.approx(b.box.lower_mm)
        assert whole.heat.geometry.shape == part.heat.geometry.shape
        assert_allclose(part.heat.values, whole.heat.values, atol=1e-4 * whole.heat.values.max())

    def test_an_edge_of_the_ct_stays_one(self, classifier):
        """The part that is sent hides no edge and makes none."""
        assert STATUSES == [node.status for node in classifier.classify(*scan(), "cnn-gap").nodes]

    def test_the_same_scene_in_another_axis_order_gets_the_same_probabilities(self, classifier):
        """Flipped and reordered axes are the client's to tell, and do not matter."""
        volume, mask = scan()
        order, other = list(axis_orders())[29], list(axis_orders())[11]

        straight = classifier.classify(volume, mask, "cnn-gap")
        turned = classifier.classify(volume_in_order(volume, order), mask_in_order(mask, other), "cnn-gap")

        assert_allclose(probabilities(turned), probabilities(straight), atol=1e-5)

    def test_a_ct_larger_than_the_server_takes_is_scored_by_a_part(self, classifier):
        """What a server refuses as a whole it scores as the part that is needed."""
        volume, mask = scan()
        larger = Volume(np.pad(volume.hu, ((0, 0), (0, 300), (0, 300))), replace(GRID, shape=(30, 360, 364)))

        with pytest.raises(Refused, match="send a smaller part"):
            classifier.classify(larger, mask, "cnn-gap", whole_volume=True)
        assert [NodeStatus.SCORED] * 3 == [node.status for node in classifier.classify(larger, mask, "cnn-gap").nodes]

    def test_a_real_ct_is_scored_by_its_part(self, classifier, real_data):
        """Adrenal glands of a real abdomen get the same probabilities from the part and from the whole."""
        volume = read_volume(real_data / "abdomen-ct" / "example_ct.nii.gz")
        organs = read_mask(real_data / "abdomen-ct" / "example_seg_fast_force_split.nii.gz")
        adrenals = NodeMask(
            np.where(np.isin(organs.labels, (8, 9)), organs.labels, 0).astype(np.uint8), organs.geometry
        )

        part = classifier.classify(volume, adrenals, "cnn-gap")
        whole = classifier.classify(volume, adrenals, "cnn-gap", whole_volume=True)

        assert 2 == len(probabilities(part))
        assert_allclose(probabilities(part), probabilities(whole), atol=1e-5)


class TestAnswers:
    def test_heat_lies_on_the_grid_of_the_given_ct(self, classifier):
        """There is heat around the scored nodes, and none far from all."""
        volume, mask = scan()
        heat = classifier.classify(volume, mask, "cnn-gap", options=WITH_VOLUME).heat

        assert volume.geometry == heat.geometry
        assert volume.hu.shape == heat.values.shape
        assert heat.values.max() > 0
        assert not heat.values[:3].any()

    def test_without_asking_there_is_no_heat_on_the_ct(self, classifier):
        """By default each node has its own heat map only."""
        found = classifier.classify(*scan(), "cnn-gap")

        assert found.heat is None
        assert [True, False, True] == [node.heatmap is not None for node in found.nodes]

    def test_the_servers_share_of_heat_is_that_on_the_crop_made_here(self, classifier):
        """Crops are not sent back: those that the client cuts for its pictures are the server's."""
        volume, mask = scan()
        manifest = classifier.model("cnn-gap").manifest
        found = classifier.classify(volume, mask, "cnn-gap")

        for here, there in zip(prepare(volume, find_nodes(mask), manifest.preprocessing), found.nodes, strict=True):
            if here.crop:
                on_crop = manifest.heatmap.on_crop(there.heatmap.values, here.crop.geometry)
                assert heat_share(on_crop, here.crop.node_mask).inside == pytest.approx(there.score.heat_share.inside)
                assert_allclose(there.heatmap.geometry.box.centre_mm, here.crop.geometry.box.centre_mm, atol=4.0)

    def test_an_empty_mask_has_no_nodes_and_says_so(self, classifier):
        """That is an answer, no error; heat on the CT is asked for and is nowhere."""
        found = classifier.classify(scan()[0], empty_mask(), "cnn-gap", options=WITH_VOLUME)

        assert () == found.nodes
        assert "EMPTY_MASK" in [notice.code for notice in found.notices]
        assert GRID.shape == found.heat.values.shape
        assert not found.heat.values.any()

    def test_labels_can_be_nodes(self, classifier):
        """With separation by labels the node keeps its value, above 255 too."""
        volume, mask = scan()
        labels = NodeMask(mask.labels.astype(np.uint16) * 300, GRID)

        found = classifier.classify(volume, labels, "cnn-gap", options=ClassifyOptions(NodeSeparation.LABELS))

        assert [300, 600, 900] == [node.label for node in found.nodes]

    def test_progress_is_told_up_to_the_end(self, classifier):
        """The last call says that all bytes are sent."""
        told = []

        classifier.classify(*scan(), "cnn-gap", progress=lambda sent, total: told.append((sent, total)))

        assert told[-1][0] == told[-1][1] > 1000


class TestFailures:
    def test_a_mask_of_another_ct_is_refused(self, classifier):
        """It costs no call."""
        volume, mask = scan()
        elsewhere = NodeMask(mask.labels, replace(GRID, origin_mm=(900.0, 0.0, 0.0)))

        with pytest.raises(MaskOutsideVolume, match="belong to one series"):
            classifier.classify(volume, elsewhere, "cnn-gap")

    def test_an_impossible_choice_is_refused_by_field(self, classifier):
        """The server's own words are repeated."""
        with pytest.raises(Refused, match=r"options\.operating_point: must be in \[0, 1\]"):
            classifier.classify(*scan(), "cnn-gap", options=ClassifyOptions(operating_point=2.0))

    def test_what_takes_too_long_is_given_up(self, server):
        """The deadline is the caller's, and the message tells it."""
        with NodeClassifier(server.address, timeout_s=1e-4) as hasty, pytest.raises(TooSlow, match=r"0\.0001 s"):
            hasty.classify(*scan(), "cnn-gap")


def test_what_is_sent_is_geometry_voxels_and_choices(classifier):
    """A server that writes down all it receives gets the message of the contract, a random id, and nothing else."""
    received: list[messages.ClassifyStreamRequest] = []
    listed = classifier._stub.ListModels(messages.ListModelsRequest())

    def write_down(requests, context):
        received.extend(requests)
        context.abort(grpc.StatusCode.CANCELLED, "enough")

    handlers = {
        "ListModels": grpc.unary_unary_rpc_method_handler(
            lambda request, context: listed, response_serializer=messages.ListModelsResponse.SerializeToString
        ),
        "ClassifyStream": grpc.stream_unary_rpc_method_handler(
            write_down, request_deserializer=messages.ClassifyStreamRequest.FromString
        ),
    }
    handler = grpc.method_handlers_generic_handler("nodelens.v1.NodeClassifierService", handlers)
    server = grpc.server(ThreadPoolExecutor(2), handlers=[handler])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with NodeClassifier(f"127.0.0.1:{port}") as curious:
        for _ in range(2):
            with pytest.raises(Refused):
                curious.classify(*scan(), "cnn-gap")
    server.stop(None).wait()

    headers = [message.header.request for message in received if message.HasField("header")]
    assert 2 == len({header.request_id for header in headers})
    assert {36} == {len(header.request_id) for header in headers}
    assert {"request_id", "model", "model_version", "volume", "mask", "options"} == {
        field.name for header in headers for field, _ in header.ListFields()
    }
