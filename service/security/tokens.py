"""
Bearer tokens, of which a server knows only hashes.

A line of the file is ``sha256:<64 hexadecimal digits> <scope>[,<scope>] [<name>]``; ``#`` begins a comment. Tokens are
256 random bits, so that nobody can guess one from its hash, and a plain SHA-256 is enough: slow hashes with salts are
for what people make up. Several lines may be valid at once: to rotate, add the new one, give it out, drop the old one.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.faults import UnusableCredentials

TOKENS = "--tokens"

NAME = re.compile(r"[A-Za-z0-9._:-]{1,64}")
"""What a token may be called: it stands in logs."""

LINE = re.compile(rf"sha256:([0-9a-f]{{64}})\s+([a-z]+(?:,[a-z]+)*)(?:\s+({NAME.pattern}))?")


class Scope(StrEnum):
    """What a token is for; none includes another."""

    SCORE = "score"
    REVIEW = "review"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Token:
    """
    A token that a server accepts.

    Attributes:
        digest: SHA-256 of it, as hexadecimal digits.
        scopes: What it is for.
        name: Whose it is, for the log; may be empty.
    """

    digest: str
    scopes: frozenset[Scope]
    name: str = ""

    def __str__(self) -> str:
        """Its line in the file."""
        return f"sha256:{self.digest} {','.join(sorted(self.scopes))} {self.name}".strip()


def new_token(scopes: frozenset[Scope], name: str) -> tuple[str, Token]:
    """A random token, and what a server is to know of it."""
    secret = secrets.token_urlsafe(32)
    return secret, Token(digest_of(secret), scopes, name)


def digest_of(secret: str) -> str:
    """SHA-256 of a token."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_of(secret: str, tokens: Sequence[Token]) -> Token | None:
    """The one among a server's tokens that a caller brought; takes as long whichever it is, or none."""
    digest = digest_of(secret)
    fitting = [token for token in tokens if hmac.compare_digest(digest, token.digest)]
    return fitting[0] if fitting else None


def scopes_from(text: str) -> frozenset[Scope]:
    """
    Read scopes with commas between them.

    Raises:
        ValueError: one is unknown.
    """
    return frozenset(map(Scope, text.split(",")))


def tokens_from(contents: Sequence[bytes]) -> tuple[Token, ...]:
    """
    Read the file of tokens.

    Args:
        contents: Of one file.

    Raises:
        UnusableCredentials: a line is none of ours, or there is none; the message tells its number, not what it says.
    """
    tokens = []
    [content] = contents
    for number, line in enumerate(content.decode("utf-8", errors="replace").splitlines(), start=1):
        line = line.partition("#")[0].strip()
        if line:
            tokens.append(_token(line, number))
    if not tokens:
        raise UnusableCredentials(f"{TOKENS}: the file holds no token; make one with {MAKE}")
    if len({token.digest for token in tokens}) < len(tokens):
        raise UnusableCredentials(f"{TOKENS}: a token stands in two lines; give it all its scopes in one")
    return tuple(tokens)


MAKE = "python -m service.security.new_token SCOPES NAME"


def _token(line: str, number: int) -> Token:
    match = LINE.fullmatch(line)
    try:
        if match:
            return Token(match[1], scopes_from(match[2]), match[3] or "")
    except ValueError:
        pass
    raise UnusableCredentials(
        f"{TOKENS}: line {number} is not 'sha256:HASH SCOPE[,SCOPE] [NAME]' with scopes out of {', '.join(Scope)}; "
        f"make one with {MAKE}"
    )
