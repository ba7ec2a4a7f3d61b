"""A server from start to end."""

import signal
import subprocess
import sys

import grpc

from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from tests.service.scans import request, stream
from tests.service.servers import running_server


def test_sigterm_finishes_what_was_begun(models, tmp_path):
    """A CT that is being sent when SIGTERM comes is answered; new calls are refused; the exit code is 0."""
    with (
        running_server(models, tmp_path / "log.jsonl") as server,
        grpc.insecure_channel(server.address) as channel,
    ):
        parts = stream(request())

        def interrupted():
            yield from parts[:2]
            server.process.send_signal(signal.SIGTERM)
            yield from parts[2:]

        found = NodeClassifierServiceStub(channel).ClassifyStream(interrupted(), timeout=30).classification
        assert 3 == len(found.nodes)
        assert 0 == server.process.wait(timeout=30)


def test_the_server_has_no_torch():
    """Importing all that serves brings neither torch nor training with it."""
    code = "import sys, service.serve; print(sorted({'torch', 'training', 'onnx', 'sklearn'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert "[]" == done.stdout.strip()
