"""Ray, joined or started."""

import sys

import pytest

from imaging.cluster import ray_cluster
from imaging.errors import NoCluster


def test_without_ray_it_is_said_what_to_install(tmp_path, monkeypatch):
    """Ray is an extra: who asks for it without having it is told its name."""
    (tmp_path / "ray.py").write_text("raise ImportError('not installed')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "ray", raising=False)

    with pytest.raises(NoCluster, match=r"install nodelens\[ray\]"), ray_cluster(None, 1):
        pass
