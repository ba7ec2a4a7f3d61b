"""Choices of an operator are read, and impossible ones refused."""

import argparse
from pathlib import Path

import pytest

from imaging.separation import NodeSeparation
from service.dicom.kinds import ResultKind
from service.faults import CannotStart
from service.pacs.listener import Entity
from service.pacs.peer import Peer
from service.pacs.settings import CREDENTIALS, ListenSettings, Settings, add_orthanc_arguments, orthanc_from


def parsed(add, *words):
    """A command line, read."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--journal", type=Path, default=Path("journal"))
    add(parser)
    return parser.parse_args(words)


def settings(*words):
    """What every bridge is told."""
    return Settings.from_arguments(parsed(Settings.add_arguments, *words))


def orthanc(*words, **environment):
    """What a bridge is told about an Orthanc."""
    return orthanc_from(parsed(add_orthanc_arguments, *words), environment)


def listen(*words):
    """What a listener is told."""
    return ListenSettings.from_arguments(parsed(ListenSettings.add_arguments, *words))


class TestSettings:
    def test_defaults_score_what_is_called_a_lymph_node(self):
        """Components are nodes, all results are wanted, metrics are for this machine."""
        chosen = settings()

        assert [True, True, True, False, False] == [
            bool(chosen.rule.pattern.search(name)) for name in ("Lymph node", "LN 4R", "Nodes", "Liver", "PLNX")
        ]
        assert NodeSeparation.CONNECTED_COMPONENTS is chosen.choices.options.separation
        assert set(ResultKind) == set(chosen.choices.kinds)
        assert ("127.0.0.1", 9465) == (chosen.metrics_host, chosen.metrics_port)

    def test_choices_are_taken(self):
        """Each goes where it belongs."""
        chosen = settings(
            *("--match", "GTV", "--model", "cnn", "--model-version", "2", "--separation", "labels"),
            *("--without", "sc", "seg", "--attempts", "3", "--max-study-mib", "5", "--metrics", "[::1]:0"),
        )

        assert "GTV" == chosen.rule.pattern.pattern
        assert ("cnn", 2) == (chosen.choices.model, chosen.choices.model_version)
        assert NodeSeparation.LABELS is chosen.choices.options.separation
        assert {ResultKind.SR, ResultKind.PARAMETRIC_MAP} == set(chosen.choices.kinds)
        assert (3, 5 << 20) == (chosen.pace.attempts, chosen.pace.limit_bytes)
        assert ("::1", 0) == (chosen.metrics_host, chosen.metrics_port)

    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            (("--match", "("), "no regular expression"),
            (("--metrics", "9465"), "must be HOST:PORT"),
            (("--attempts", "0"), "at least 1"),
            (("--poll-seconds", "nan"), "above 0"),
        ],
    )
    def test_what_is_impossible_is_refused(self, words, reason):
        """With the option's name."""
        with pytest.raises(CannotStart, match=reason):
            settings(*words)


class TestOrthanc:
    def test_secrets_come_from_a_file_or_the_environment(self, tmp_path):
        """The file comes first; the password is in no representation."""
        (tmp_path / "secret").write_text("user:pass:word\n")
        words = ("--orthanc", "http://localhost:8042")

        assert ("", "") == (orthanc(*words).user, orthanc(*words).password)
        assert "them" == orthanc(*words, **{CREDENTIALS: "me:them"}).password
        address = orthanc(*words, "--credentials", str(tmp_path / "secret"), **{CREDENTIALS: "me:them"})
        assert ("user", "pass:word") == (address.user, address.password)
        assert "word" not in repr(address)

    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            (("--credentials", "nowhere"), "cannot be read"),
            (("--orthanc-ca", "nowhere"), "no such file"),
            (("--orthanc", "http://pacs.example"), "in the open"),
        ],
    )
    def test_what_is_impossible_is_refused(self, words, reason):
        """Before anything is sent."""
        with pytest.raises(CannotStart, match=reason):
            orthanc("--orthanc", "http://localhost:8042", *words)

    def test_a_secret_without_a_colon_is_refused(self):
        """It is not repeated."""
        with pytest.raises(CannotStart, match="must hold user:password") as caught:
            orthanc("--orthanc", "http://localhost:8042", **{CREDENTIALS: "hush"})
        assert "hush" not in str(caught.value)


class TestListen:
    WORDS = ("--send-to", "PACS@pacs.example:104", "--spool", "spool")

    def test_choices_are_taken(self):
        """In seconds and bytes."""
        chosen = listen(*self.WORDS, "--allow", "CT1,CT2", "--bind", "0.0.0.0", "--port", "104", "--keep-hours", "2")

        assert Entity("NODELENS", "0.0.0.0", 104, ("CT1", "CT2")) == chosen.entity
        assert Peer("PACS", "pacs.example", 104) == chosen.peer
        assert (30.0, 50 << 30, 7200.0) == (chosen.quiet_s, chosen.limit_bytes, chosen.keep_s)

    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            (("--bind", "0.0.0.0"), "--allow"),
            (("--ae-title", "A" * 17), "no AE title"),
            (("--allow", "a b"), "no AE title"),
            (("--quiet-seconds", "0"), "sensible"),
        ],
    )
    def test_what_is_impossible_is_refused(self, words, reason):
        """Before anything is listened to."""
        with pytest.raises(CannotStart, match=reason):
            listen(*self.WORDS, *words)
