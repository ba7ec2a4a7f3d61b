"""Who scores."""

import sys
from threading import Event

import pytest

from imaging.errors import NoCluster
from service.batch.engines import engine_of
from service.batch.options import parser
from service.refusal import ServerUnreachable

HERE = ["--device", "cpu", "--threads", "1", "--model", "cnn-gap"]


def asked(*words):
    """The engine that these words ask for, begun and ended; its model."""
    with engine_of(parser().parse_args(["cases.csv", "--out", "out", *map(str, words)]), Event()) as engine:
        return engine.ref


def test_servers_and_this_process_have_one_model(server, models):
    """The same file, by its digest."""
    served = asked("--server", server.address, "--model", "cnn-gap")

    assert served == asked("--embedded", "--models", models, *HERE)


def test_a_server_that_is_not_there_is_told_at_once():
    """A mistyped address is no reason to wait."""
    with pytest.raises(ServerUnreachable, match=r"127\.0\.0\.1:1"):
        asked("--server", "127.0.0.1:1")


def test_without_ray_it_is_said_what_to_install(tmp_path, models, monkeypatch):
    """Ray is an extra: who asks for it without having it is told its name."""
    (tmp_path / "ray.py").write_text("raise ImportError('not installed')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "ray", raising=False)

    with pytest.raises(NoCluster, match=r"install nodelens\[ray\]"):
        asked("--embedded", "--models", models, "--engine", "ray", *HERE)
