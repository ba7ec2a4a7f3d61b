"""Authorities, certificates, and small servers that show them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import trustme

from nodelens.v1 import node_classifier_service_pb2 as messages


def write_ca(ca: trustme.CA, path: Path) -> Path:
    """The authority's own certificate, as a file."""
    ca.cert_pem.write_to_path(str(path))
    return path


def write_pair(ca: trustme.CA, folder: Path, name: str = "localhost", **dates: Any) -> tuple[Path, Path]:
    """A certificate for a name, and its key, as files; they replace those of the same folder."""
    issued = ca.issue_cert(name, **dates)
    certificate, key = folder / "tls.crt", folder / "tls.key"
    certificate.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(str(key))
    return certificate, key


class Empty(grpc.GenericRpcHandler):
    """Answers every call with an empty list of models, and remembers its metadata."""

    def __init__(self) -> None:
        self.metadata: list[dict[str, str | bytes]] = []

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        """The handler of any method."""
        self.metadata.append(dict(details.invocation_metadata))
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: messages.ListModelsResponse().SerializeToString()
        )


@contextmanager
def answering(credentials: grpc.ServerCredentials | None) -> Iterator[tuple[str, Empty]]:
    """A server with these credentials, or none: its address, and what it saw."""
    seen = Empty()
    server = grpc.server(ThreadPoolExecutor(2), handlers=[seen])
    free = "localhost:0"
    port = server.add_secure_port(free, credentials) if credentials else server.add_insecure_port(free)
    server.start()
    yield f"localhost:{port}", seen
    server.stop(None).wait()
