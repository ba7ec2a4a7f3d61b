"""The command that makes tokens."""

import pytest

from service.security.new_token import main
from service.security.tokens import Scope, token_of, tokens_from


def test_the_line_is_printed_and_the_token_shown(capsys):
    """What is appended to the server's file knows the token that was shown beside it."""
    assert 0 == main(["score,review", "pacs"])
    printed = capsys.readouterr()
    token = token_of(printed.err.strip(), tokens_from([printed.out.encode()]))

    assert token
    assert ("pacs", {Scope.SCORE, Scope.REVIEW}) == (token.name, token.scopes)


@pytest.mark.parametrize("words", [["all"], ["score,"], [""], ["score", "Mrs. Canary"], ["score", "a" * 65]])
def test_what_is_no_scope_or_name_is_refused(words, capsys):
    """The message tells what is allowed."""
    with pytest.raises(SystemExit):
        main(words)
    assert "must be" in capsys.readouterr().err
