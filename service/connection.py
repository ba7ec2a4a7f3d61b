"""How a client holds on to a server; what it proves itself with is in `service.security.credentials`."""

from dataclasses import dataclass, field

from service.retry import RetryPolicy

Options = list[tuple[str, int | str]]


@dataclass(frozen=True, slots=True)
class Connection:
    """
    Choices about the connection itself.

    Attributes:
        retry: When a call that failed is made again.
        keepalive_s: While a call waits, the server is asked as often whether it is still there.
        keepalive_timeout_s: A server that does not answer this for so long is gone: the call fails as ``UNAVAILABLE``.
        watch_health: Make no call while the server says that it is not ready. A proxy must let health checks through.
    """

    retry: RetryPolicy = field(default_factory=RetryPolicy)
    keepalive_s: float = 30.0
    keepalive_timeout_s: float = 10.0
    watch_health: bool = False

    def options(self) -> Options:
        """The same, for gRPC."""
        keepalive_timeout_ms = round(self.keepalive_timeout_s * 1000)
        return [
            # No limit of size: heat maps on the grid of a CT are large, and the server has its own limit for requests.
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
            ("grpc.service_config", self.retry.service_config(self.watch_health)),
            ("grpc.keepalive_time_ms", round(self.keepalive_s * 1000)),
            ("grpc.keepalive_timeout_ms", keepalive_timeout_ms),
            ("grpc.http2.max_pings_without_data", 0),
            # It is this one that ends a call whose server froze; it would be a minute.
            ("grpc.http2.ping_timeout_ms", keepalive_timeout_ms),
            # gRPC would wait up to two minutes before it looks again whether a server is back.
            ("grpc.initial_reconnect_backoff_ms", round(self.retry.first_wait_s * 1000)),
            ("grpc.max_reconnect_backoff_ms", round(self.retry.longest_wait_s * 1000)),
        ]
