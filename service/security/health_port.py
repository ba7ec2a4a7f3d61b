"""A port for probes that know neither TLS nor tokens, such as those of Kubernetes."""

import grpc.aio

from service.faults import CannotStart
from service.health import Health
from service.observer import Observer


class HealthPort:
    """
    Answers health, and nothing else, in plaintext.

    Args:
        health: What to answer.
        observer: Counts and logs the calls, and refuses what is no message.
        host: Address to listen on.
        port: TCP port; 0 lets the system choose, None opens none.

    Raises:
        CannotStart: the port is taken.
    """

    def __init__(self, health: Health, observer: Observer, host: str, port: int | None) -> None:
        self._server = grpc.aio.server(interceptors=[observer], options=[("grpc.so_reuseport", 0)])
        self._lines: list[str] = []
        health.answer_on(self._server)
        if port is None:
            return
        try:
            self._lines.append(f"health on {host}:{self._server.add_insecure_port(f'{host}:{port}')}")
        except RuntimeError as error:
            raise CannotStart(f"cannot listen on {host}:{port}; is another server there?") from error

    async def start(self) -> list[str]:
        """Begin to answer, and say where."""
        await self._server.start()
        return self._lines

    async def stop(self) -> None:
        """End."""
        await self._server.stop(None)
