"""Servers that are told to end while they are busy."""

import json
import signal
import threading
import time
from pathlib import Path

import grpc

from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from tests.service.scans import request
from tests.service.servers import running_server

CALLERS = 4


class Callers:
    """Callers that ask again and again until the server refuses, and what they saw."""

    def __init__(self, address: str) -> None:
        self.answered, self.refused = [], []
        self._channel = grpc.insecure_channel(address)
        self._stub = NodeClassifierServiceStub(self._channel)
        self._threads = [threading.Thread(target=self._ask) for _ in range(CALLERS)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Wait until all have been refused."""
        for thread in self._threads:
            thread.join()
        self._channel.close()

    def _ask(self) -> None:
        asked, ended = request(), False
        while not ended:
            try:
                self.answered.append(self._stub.Classify(asked, timeout=60))
            except grpc.RpcError as error:
                ended = True
                self.refused.append(error)


def ended_under_load(models: Path, log: Path) -> tuple[int, int, list[str]]:
    """
    Start a server, keep it busy, and tell it to end.

    Returns:
        Calls answered; calls refused; and what befell those that were begun and lost. The server logs each call that
        it begins: lost are those with another code than OK and UNAVAILABLE, and answers that did not arrive.
    """
    with running_server(models, log, "--concurrent", "2") as server:
        callers = Callers(server.address)
        while len(callers.answered) < CALLERS:
            time.sleep(0.01)
        server.process.send_signal(signal.SIGTERM)
        callers.end()
        server.process.wait(timeout=60)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    codes = [line["code"] for line in lines if line.get("method") == "Classify"]
    lost = [code for code in codes if code not in ("OK", "UNAVAILABLE")]
    lost += ["answered, and not received"] * (codes.count("OK") - len(callers.answered))
    return len(callers.answered), len(callers.refused), lost
