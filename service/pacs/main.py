"""
The command ``nodelens-pacs``: a bridge between an archive and the service. Research use only.

``watch`` follows an Orthanc, ``listen`` takes studies that are sent; both score the nodes that are marked in them, and
store the results. ``status`` and ``retry`` read and change the journal of a bridge, also while it runs.
"""

import argparse
import logging
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

from service.arguments import complain
from service.client import NodeClassifier
from service.faults import CannotStart, ServiceFault
from service.logs import log_as_json
from service.pacs.archive import Archive
from service.pacs.bridge import Bridge
from service.pacs.journal import Journal, held
from service.pacs.listener import listening
from service.pacs.metrics import BridgeMetrics
from service.pacs.orthanc import Orthanc
from service.pacs.peer import Sender
from service.pacs.scorer import Scorer
from service.pacs.settings import ListenSettings, Settings, add_orthanc_arguments, orthanc_from
from service.pacs.spool import Spool
from service.pacs.status import status_of
from service.pacs.task import State


def main(argv: Sequence[str] | None = None) -> int:
    """Run a bridge until told to stop, or tell of one; 2 where the user must mend something."""
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except ServiceFault as fault:
        return complain("nodelens-pacs", fault)
    except sqlite3.Error as error:
        sys.stderr.write(f"nodelens-pacs: {arguments.journal}: the journal cannot be used any more ({error})\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nodelens-pacs",
        description="Score the lymph nodes that are marked in an archive's CTs, and store the results there. "
        "Research use only; not a diagnosis.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    watch = commands.add_parser("watch", help="follow an Orthanc")
    add_orthanc_arguments(watch)
    listen = commands.add_parser("listen", help="take studies that are sent by C-STORE")
    ListenSettings.add_arguments(listen)
    status = commands.add_parser("status", help="tell how many studies have come how far, and what was refused and why")
    retry = commands.add_parser("retry", help="begin again with what was refused or failed")
    retry.add_argument("study", nargs="*", help="ids that status shows; default: all")
    retry.add_argument("--stored", action="store_true", help="also with what has results, for another model")
    for command, run in ((watch, _watch), (listen, _listen), (status, _status), (retry, _retry)):
        command.add_argument(
            "--journal", type=Path, default=Path("nodelens-pacs.sqlite"), metavar="FILE", help="default: %(default)s"
        )
        command.set_defaults(run=run)
    Settings.add_arguments(watch)
    Settings.add_arguments(listen)
    return parser


def _watch(arguments: argparse.Namespace) -> None:
    settings, address = Settings.from_arguments(arguments), orthanc_from(arguments, os.environ)
    stopping = _stop_signal()
    with (
        held(settings.journal),
        closing(Orthanc(address, arguments.whole_archive)) as orthanc,
        _bridge(settings, "orthanc", orthanc) as bridge,
    ):
        bridge.run(stopping)


def _listen(arguments: argparse.Namespace) -> None:
    settings, chosen = Settings.from_arguments(arguments), ListenSettings.from_arguments(arguments)
    sender = Sender(chosen.peer, chosen.entity.title)
    with held(settings.journal):  # Before the spool is opened: that drops what another bridge is just writing there.
        spool = Spool(chosen.spool, sender.send, chosen.quiet_s, chosen.limit_bytes, chosen.keep_s)
        stopping = _stop_signal()
        with _bridge(settings, "spool", spool) as bridge, listening(chosen.entity, spool) as port:
            _tell(f"listening on {chosen.entity.host}:{port}")
            bridge.run(stopping)


@contextmanager
def _bridge(settings: Settings, name: str, archive: Archive) -> Iterator[Bridge]:
    """A bridge with its journal and its connection to the service."""
    log_as_json()
    for library in ("highdicom", "pynetdicom", "urllib3"):
        logging.getLogger(library).setLevel(logging.ERROR)
    metrics = BridgeMetrics()
    with (
        closing(Journal(settings.journal)) as journal,
        NodeClassifier(settings.server, settings.timeout_s, access=settings.access) as classifier,
    ):
        port = metrics.serve(settings.metrics_host, settings.metrics_port)
        _tell(f"metrics on http://{settings.metrics_host}:{port}/metrics")
        scorer = Scorer(classifier, settings.choices)
        yield Bridge(name, archive, scorer, journal, settings.rule, metrics, settings.pace)


def _status(arguments: argparse.Namespace) -> None:
    with closing(_opened(arguments.journal)) as journal:
        sys.stdout.write(status_of(journal, time.time()))


def _retry(arguments: argparse.Namespace) -> None:
    states = (State.REFUSED, State.FAILED, *([State.STORED] if arguments.stored else []))
    with closing(_opened(arguments.journal)) as journal:
        count = journal.retry(arguments.study, states)
    sys.stdout.write(f"{count} to be begun again\n")


def _opened(path: Path) -> Journal:
    """A journal that is there."""
    if not path.is_file():
        raise CannotStart(f"{path}: no such journal; name that of a bridge with --journal")
    return Journal(path)


def _stop_signal() -> Event:
    """Is set by the first SIGTERM or SIGINT; a second one ends the process at once, with 128 + number."""
    stopping = Event()

    def stop(number: int, frame: object) -> None:
        if stopping.is_set():
            os._exit(128 + number)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return stopping


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
