"""The calls of the Open Inference Protocol, by Triton's client and over bare gRPC."""

import asyncio
import subprocess
import sys
from importlib.metadata import version

import grpc
import numpy as np
import onnxruntime
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from inference import open_inference_pb2 as messages
from inference.open_inference_pb2_grpc import GRPCInferenceServiceStub
from service.health import OPEN_INFERENCE
from service.kserve.servicer import OpenInference
from tests.service.parts import parts_of
from tests.service.test_metrics import grown, samples

CODES = [
    ("NOT_FOUND", "the model or version asked for is not served here"),
    ("NOT_FOUND", "the model or version asked for is not served here"),
    ("INVALID_ARGUMENT", "model_version: must be a whole number"),
    ("INVALID_ARGUMENT", "inputs[0].name: the network takes 'crops'"),
    ("INVALID_ARGUMENT", "inputs[0].datatype: must be FP32"),
    ("INVALID_ARGUMENT", "inputs[0].shape: must be [N, 1, 32, 32], got [5, 1, 32, 31]"),
    ("INVALID_ARGUMENT", "inputs[0].shape: must be [N, 1, 32, 32], got [1, 32, 32]"),
    ("INVALID_ARGUMENT", "inputs[0].shape[0]: must be from 1 to 256, got 260"),
    ("INVALID_ARGUMENT", "outputs[0].name: the network gives logits, heatmaps, evidence"),
    ("INVALID_ARGUMENT", "inputs[0]: values must lie in [0, 1]"),
    ("INVALID_ARGUMENT", "inputs[0]: values must lie in [0, 1]"),
]
"""What is said to each of `tests.service.kserve.triton.wrong`."""


@pytest.fixture(scope="module")
def open_stub(channel):
    """The protocol's calls."""
    return GRPCInferenceServiceStub(channel)


def direct(models, crops, batch):
    """Logits, heat maps and evidence of ``cnn-gap`` 1, run without a server in batches of the given size."""
    session = onnxruntime.InferenceSession(models / "cnn-gap" / "1" / "model.onnx", providers=["CPUExecutionProvider"])
    parts = [session.run(None, {"crops": crops[n : n + batch]}) for n in range(0, len(crops), batch)]
    return [np.concatenate(each) for each in zip(*parts, strict=True)]


def test_tritons_client_sees_what_is_ready(asked):
    """Server and model are live and ready; a file that cannot be served is a model that is not ready."""
    states = ("live", "ready", "model ready", "broken ready")

    assert [True, True, True, False] == [asked.told[state] for state in states]
    assert {"name": "nodelens", "version": version("nodelens")} == asked.told["server"]


def test_tritons_client_sees_what_a_network_takes_and_gives(asked):
    """Names, types and shapes are those of the model file, and all versions that are served are listed."""
    model = asked.told["model"]
    shapes = {tensor["name"]: list(map(int, tensor["shape"])) for tensor in (*model["inputs"], *model["outputs"])}

    assert ("cnn-gap", ["1", "2"], "onnx_onnxv1") == (model["name"], model["versions"], model["platform"])
    assert {"FP32"} == {tensor["datatype"] for tensor in (*model["inputs"], *model["outputs"])}
    assert {
        "crops": [-1, 1, 32, 32],
        "logits": [-1, 1],
        "heatmaps": [-1, 8, 8],
        "evidence": [-1, 8, 8],
    } == shapes


def test_tritons_client_gets_what_the_file_says(asked, models):
    """Logits, heat maps and evidence are, bit for bit or nearly so, those of ONNX Runtime on the same file."""
    for expected, actual in zip(direct(models, asked.crops, 5), asked.outputs.values(), strict=True):
        assert expected.dtype == actual.dtype
        np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-7)
    assert asked.outputs["evidence"].min() < 0 <= asked.outputs["heatmaps"].min()
    assert "study-7" == asked.told["id"]
    assert ["evidence", "logits"] == asked.told["some"]


def test_an_answer_says_what_the_model_is_worth(asked):
    """A model of phantoms says so here too."""
    assert ["SYNTHETIC_MODEL"] == asked.told["notices"]


def test_tritons_client_is_told_what_is_wrong(asked):
    """Each wrong request has its code, and a message that names the field."""
    refusals = asked.told["refusals"]

    assert [f"StatusCode.{code}" for code, _ in CODES] == [code for code, _ in refusals]
    assert [text for _, text in CODES] == [
        told[: len(text)] for (_, text), (_, told) in zip(CODES, refusals, strict=True)
    ]


def test_tritons_client_sees_the_folder(asked):
    """Every model of the folder is listed, and why some are not served."""
    index = {(each["name"], each["version"]): each for each in asked.told["index"]["models"]}

    assert {("broken", "1"), ("cnn", "1"), ("cnn-gap", "1"), ("cnn-gap", "2"), ("misplaced", "1")} == set(index)
    assert "READY" == index["cnn", "1"]["state"]
    assert ("UNAVAILABLE", True) == (index["broken", "1"]["state"], "cannot load" in index["broken", "1"]["reason"])


def test_the_messages_are_the_protocols():
    """Each of our fields has the name, number and type that it has for Triton's client, and each call its messages."""
    code = "from tests.service.kserve.schema import main; main({!r})"
    ours, theirs = (
        subprocess.run([sys.executable, "-c", code.format(each)], check=True, capture_output=True, text=True).stdout
        for each in ("inference.open_inference_pb2", "tritonclient.grpc.service_pb2")
    )

    assert 80 == len(ours.splitlines())
    assert set(ours.splitlines()) <= set(theirs.splitlines())


def test_a_large_request_is_run_in_batches(open_stub, models):
    """More crops than fit one run are answered as if each run had been asked for, in order."""
    crops = np.random.default_rng(1).random((70, 1, 32, 32), dtype=np.float32)
    asked = messages.ModelInferRequest(model_name="cnn-gap", model_version="1", raw_input_contents=[crops.tobytes()])
    asked.inputs.add(name="crops", datatype="FP32", shape=crops.shape)
    answer = open_stub.ModelInfer(asked)
    logits, *_ = direct(models, crops, 32)

    np.testing.assert_allclose(
        np.frombuffer(answer.raw_output_contents[0], "<f4").reshape(70, 1), logits, rtol=1e-6, atol=1e-7
    )


def test_calls_are_counted(server, open_stub):
    """A run, and a refusal by its code, are calls like others."""
    before = samples(server)
    crops = np.zeros((3, 1, 32, 32), dtype=np.float32)
    asked = messages.ModelInferRequest(model_name="cnn", raw_input_contents=[crops.tobytes()])
    asked.inputs.add(name="crops", datatype="FP32", shape=crops.shape)
    open_stub.ModelInfer(asked)
    with pytest.raises(grpc.RpcError):
        open_stub.ModelInfer(messages.ModelInferRequest(model_name="cnn"))
    after = samples(server)
    rpc = {"grpc_type": "unary", "grpc_service": "inference.GRPCInferenceService", "grpc_method": "ModelInfer"}

    for code in ("OK", "INVALID_ARGUMENT"):
        assert 1 == grown(before, after, "grpc_server_handled_total", **rpc, grpc_code=code)
    assert 3 == grown(before, after, "nodelens_batch_size_sum")


def test_who_drains_is_live_and_not_ready(models):
    """A server that is about to end says so of itself and of its models."""
    with parts_of(models) as parts:
        ending = OpenInference(parts, lambda: False)
        live = asyncio.run(ending.ServerLive(messages.ServerLiveRequest(), None))
        ready = asyncio.run(ending.ServerReady(messages.ServerReadyRequest(), None))
        asked = asyncio.run(ending.ModelReady(messages.ModelReadyRequest(name="cnn"), None))

    assert live.live
    assert not ready.ready
    assert not asked.ready


def test_the_service_is_found(channel):
    """Reflection lists it, and its health is told."""
    asked = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    [answer] = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(asked)
    health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=OPEN_INFERENCE))

    assert "inference.GRPCInferenceService" in [each.name for each in answer.list_services_response.service]
    assert health_pb2.HealthCheckResponse.SERVING == health.status
