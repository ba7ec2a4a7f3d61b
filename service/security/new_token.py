"""
Makes a token: ``python -m service.security.new_token score,review pacs >> tokens``.

The line for the server's file goes to the output, the token itself to the terminal (stderr), once: it is kept nowhere.
"""

import argparse
import sys
from collections.abc import Sequence

from service.security.tokens import NAME, Scope, new_token, scopes_from


def main(argv: Sequence[str] | None = None) -> int:
    """Make one token."""
    parser = argparse.ArgumentParser(prog="python -m service.security.new_token", description="Make a token.")
    parser.add_argument("scopes", type=_scopes, metavar="SCOPE[,SCOPE]", help=f"out of {', '.join(Scope)}")
    parser.add_argument("name", type=_name, nargs="?", default="", metavar="NAME", help="whose it is, for the log")
    arguments = parser.parse_args(argv)
    secret, token = new_token(arguments.scopes, arguments.name)
    sys.stderr.write(f"{secret}\n")
    sys.stdout.write(f"{token}\n")
    return 0


def _scopes(text: str) -> frozenset[Scope]:
    try:
        return scopes_from(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"must be out of {', '.join(Scope)}, with commas between them") from error


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise argparse.ArgumentTypeError("must be from 1 to 64 letters, digits and ._:-")
    return text


if __name__ == "__main__":
    sys.exit(main())
