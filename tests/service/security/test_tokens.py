"""Tokens."""

import re

import pytest

from service.faults import UnusableCredentials
from service.security.tokens import Scope, Token, new_token, token_of, tokens_from

HASH = "a" * 64


def test_a_token_is_found_by_its_secret_only():
    """Neither another secret, nor the hash, nor a part of it finds it."""
    secret, token = new_token(frozenset({Scope.SCORE}), "pacs")
    other = Token(HASH, frozenset({Scope.ADMIN}))

    assert token is token_of(secret, [other, token])
    assert [None] * 4 == [token_of(wrong, [other, token]) for wrong in ("", secret[:-1], token.digest, HASH)]


def test_no_token_is_made_twice():
    """Each has 256 random bits, and its line does not hold it."""
    made = [new_token(frozenset({Scope.SCORE}), "") for _ in range(100)]

    assert 100 == len({secret for secret, _ in made})
    assert {43} == {len(secret) for secret, _ in made}
    assert not any(secret in str(token) for secret, token in made)


def test_lines_are_read_as_they_are_written():
    """Comments and empty lines are passed over; a name may be left out."""
    tokens = (Token(HASH, frozenset({Scope.SCORE, Scope.REVIEW}), "pacs"), Token("b" * 64, frozenset({Scope.ADMIN})))
    text = f"# ours\n\n{tokens[0]}  # until May\r\n{tokens[1]}\n"

    assert tokens == tokens_from([text.encode()])


@pytest.mark.parametrize(
    "line",
    [
        "Canary",
        f"md5:{HASH} score",
        f"sha256:{HASH[1:]} score",
        f"sha256:{HASH}",
        f"sha256:{HASH} all",
        "sha256:\xff s",
    ],
)
def test_a_line_that_is_none_is_told_by_its_number(line):
    """What it says is not repeated: it may be a token that somebody did not hash."""
    with pytest.raises(UnusableCredentials, match=r"^--tokens: line 2 is not") as caught:
        tokens_from([f"sha256:{HASH} score\n{line}\n".encode("latin-1")])
    assert not re.search("Canary|md5", str(caught.value))


def test_a_file_without_tokens_is_refused():
    """An empty file, such as one that is just being written, lets nobody in and is none."""
    with pytest.raises(UnusableCredentials, match="holds no token"):
        tokens_from([b"# none\n"])


def test_a_token_has_one_line():
    """Two lines of one token would contradict each other."""
    with pytest.raises(UnusableCredentials, match="stands in two lines"):
        tokens_from([f"sha256:{HASH} score\nsha256:{HASH} review\n".encode()])
