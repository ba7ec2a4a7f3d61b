"""How a server ends."""

import signal

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from tests.service.cycles import ended_under_load
from tests.service.scans import request
from tests.service.servers import running_server
from tests.service.streams import eventually, fault_of, held_streams
from tests.service.test_metrics import samples


def test_who_comes_while_the_server_ends_is_told_when_to_ask_again(models, tmp_path):
    """The port stays open until the last CT is answered; newcomers get UNAVAILABLE and a time."""
    with (
        running_server(models, tmp_path / "log.jsonl") as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        stub, faults = NodeClassifierServiceStub(channel), []

        def refused():
            try:
                stub.Classify(request(), timeout=30)
            except grpc.RpcError as error:
                faults.append(fault_of(error))
            return bool(faults)

        with held_streams(stub, 1) as [call]:
            assert eventually(lambda: samples(server)["nodelens_in_flight_bytes", ()] > 0)
            server.process.send_signal(signal.SIGTERM)
            assert eventually(refused)
        assert [("UNAVAILABLE", "NOT_SERVING", 1.0)] == faults
        assert 3 == len(call.result(timeout=60).classification.nodes)
        assert 0 == server.process.wait(timeout=60)


def test_a_second_signal_ends_the_server_at_once(models, tmp_path):
    """Whatever is in flight, the process is gone, with a code that tells the signal."""
    with (
        running_server(models, tmp_path / "log.jsonl", exit_code=128 + signal.SIGINT) as server,
        grpc.insecure_channel(server.address) as channel,
        held_streams(NodeClassifierServiceStub(channel), 1) as [call],
    ):
        health, asked = health_pb2_grpc.HealthStub(channel), health_pb2.HealthCheckRequest()
        assert eventually(lambda: samples(server)["nodelens_in_flight_bytes", ()] > 0)
        server.process.send_signal(signal.SIGTERM)
        assert eventually(lambda: health.Check(asked).status == health_pb2.HealthCheckResponse.NOT_SERVING)
        server.process.send_signal(signal.SIGINT)
        assert 128 + signal.SIGINT == server.process.wait(timeout=60)
        assert grpc.StatusCode.UNAVAILABLE is call.exception(timeout=60).code()


def test_no_call_in_flight_is_lost(models, tmp_path):
    """Under load, SIGTERM fails none of the calls that were begun, and the exit code is 0; three times."""
    for cycle in range(3):
        answered, refused, lost = ended_under_load(models, tmp_path / f"{cycle}.jsonl")
        assert [] == lost
        assert answered > 0
        assert refused > 0
