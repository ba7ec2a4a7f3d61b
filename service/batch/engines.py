"""Who scores: servers, this process, or a Ray cluster."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from service.batch.options import DEFAULT_SERVER, RAY
from service.batch.servers import Servers
from service.batch.streams import Engine, Streams
from service.security.credentials import Access


@contextmanager
def engine_of(arguments: argparse.Namespace, stop: Event) -> Iterator[Engine]:
    """
    The engine that the command line asks for; it ends with the block.

    What only some need (the network's run time, Ray) is imported for them alone.
    """
    if not arguments.embedded:
        asked = (arguments.model, arguments.model_version, arguments.timeout, arguments.patience)
        servers = arguments.server or [DEFAULT_SERVER]
        with Servers.at(servers, *asked, Access.from_arguments(arguments), stop) as scorer:
            yield Streams(scorer, arguments.streams)
        return
    from service.batch.embedded import Embedded, ModelChoice
    from service.model import Device

    choice = ModelChoice(
        arguments.models.absolute(),
        arguments.model,
        arguments.model_version,
        arguments.allow_research,
        Device(arguments.device),
        arguments.threads,
    )
    if arguments.engine == RAY:
        from service.batch.ray_engine import RayEngine

        with RayEngine.on(arguments.ray_address, choice, arguments.streams, arguments.gpus_per_actor) as engine:
            yield engine
        return
    with Embedded(choice) as embedded:
        yield Streams(embedded, arguments.streams)
