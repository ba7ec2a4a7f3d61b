"""Reviews the results of a batch in a browser: ``nodelens-review``."""

import argparse
import sys
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from imaging.errors import ImagingError
from service.arguments import address, complain
from service.client import NodeClassifier
from service.faults import ServiceFault
from service.pages.results import InvalidResults, read_results
from service.pages.review.desk import Desk, Send
from service.pages.review.door import Door
from service.pages.review.item import items_of
from service.pages.review.room import Room
from service.security.credentials import Access

LEDGER = "reviews.jsonl"


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the page until Ctrl-C; 2 where the user must mend something."""
    arguments = _parser().parse_args(argv)
    try:
        with ExitStack() as stack, _door(arguments, stack) as door:
            sys.stdout.write(f"Review at {door.url} -- Ctrl-C ends it; what was answered is stored\n")
            sys.stdout.flush()
            if arguments.open:
                webbrowser.open(stack.enter_context(pointer_to(door.url, _ledger(arguments).parent)).as_uri())
            door.serve_forever()
    except KeyboardInterrupt:
        return 0
    except (ImagingError, ServiceFault, OSError) as error:
        return complain("nodelens-review", error)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nodelens-review",
        description="Show what nodelens-score batch found, node by node, in a browser on this machine, and store what "
        "a reader says to it. Research use only; not a diagnosis.",
        epilog="What was answered is in the ledger and is shown as done at the next start. "
        "nodelens-train fit --labels LEDGER learns from it.",
    )
    parser.add_argument("results", type=Path, metavar="RESULTS", help="folder that nodelens-score batch wrote")
    parser.add_argument("--reader", type=_name, required=True, metavar="NAME", help="who answers; stored in the ledger")
    parser.add_argument(
        "--ledger",
        type=Path,
        metavar="FILE",
        help=f"ledger of reviews, made where there is none; default: RESULTS/{LEDGER}",
    )
    parser.add_argument(
        "--server",
        type=address,
        metavar="HOST:PORT",
        help="store reviews on a server as well, before the ledger has them",
    )
    parser.add_argument("--port", type=int, default=0, metavar="N", help="of the page; default: any that is free")
    parser.add_argument("--open", action="store_true", help="open the page in the browser")
    Access.add_arguments(parser)
    return parser


def _door(arguments: argparse.Namespace, stack: ExitStack) -> Door:
    results = read_results(arguments.results)
    if not results.scored:
        raise InvalidResults(f"{arguments.results}: no case was scored, so that there is nothing to review")
    ledger = _ledger(arguments)
    send: Send | None = None
    if arguments.server:
        access = Access.from_arguments(arguments)
        classifier = stack.enter_context(NodeClassifier(arguments.server, access=access))
        classifier.models()  # A server that is not there is told now, and not at the first verdict.
        send = classifier.submit
    desk = Desk(items_of(results), arguments.reader, ledger, send)
    room = Room(results, desk, f"{arguments.server} and {ledger.name}" if send else ledger.name)
    return Door(room.get, room.post, arguments.port)


@contextmanager
def pointer_to(url: str, folder: Path) -> Iterator[Path]:
    """A page that leads to another and that only its owner can read: all users can read the words of a program."""
    with NamedTemporaryFile("w", dir=folder, prefix="review-", suffix=".html", encoding="utf-8") as file:
        file.write(f'<!doctype html><meta http-equiv="refresh" content="0; url={url}">')
        file.flush()
        yield Path(file.name).absolute()


def _ledger(arguments: argparse.Namespace) -> Path:
    ledger: Path = arguments.ledger or arguments.results / LEDGER
    return ledger


def _name(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("must not be empty")
    return text.strip()


if __name__ == "__main__":
    sys.exit(main())
