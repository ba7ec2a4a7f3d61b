"""
A Ray cluster, joined or started.

Ray (Moritz et al. 2018, arXiv:1712.05889) is an extra that only ``--engine ray`` needs.
"""

import importlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from imaging.errors import NoCluster

STORE_BYTES = 100 * 2**20
"""For what tasks are told and tell; large results are written to files."""


@contextmanager
def ray_cluster(address: str | None, cpus: int) -> Iterator[Any]:
    """
    Ray, joined to a cluster or to one of this machine alone, which ends with the block.

    Args:
        address: Of a running cluster; None starts one here.
        cpus: What a cluster of this machine must be able to give, whatever it has.

    Raises:
        NoCluster: Ray is not installed, or no cluster answers.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        ray = importlib.import_module("ray")
    except ImportError as error:
        raise NoCluster("--engine ray needs Ray, which is not installed; install nodelens[ray]") from error
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        own = {
            "num_cpus": max(cpus, os.cpu_count() or 1),
            "object_store_memory": STORE_BYTES,
            "include_dashboard": False,
            "_node_ip_address": "127.0.0.1",
            "_temp_dir": folder,
        }
        try:
            ray.init(**quiet, **({"address": address} if address else own))
        except ConnectionError as error:
            raise NoCluster(f"--ray-address {address}: no Ray cluster answers there") from error
        try:
            yield ray
        finally:
            ray.shutdown()
