"""What holds for all that runs in a cluster."""

import kubernetes_validate
import pytest

from tests.deploy.k8s.kustomize import JOBS, OVERLAYS, pods, rendered

FOREIGN = {"ServiceMonitor", "PrometheusRule", "RayJob"}
"""Kinds that Kubernetes does not bring."""


@pytest.mark.parametrize("folder", [*OVERLAYS, *JOBS])
def test_resources_are_what_kubernetes_takes(folder):
    """Each resource fits the schema of its kind, and has no field that the kind does not know."""
    own = [resource for resource in rendered(folder) if resource["kind"] not in FOREIGN]
    for resource in own:
        kubernetes_validate.validate(resource, "1.37", strict=True)

    assert own


@pytest.mark.parametrize("folder", [*OVERLAYS, *JOBS])
def test_all_is_in_one_namespace(folder):
    """Each resource is in the namespace of its overlay."""
    expected = "nodelens-dev" if folder.endswith("dev") else "nodelens"
    names = {one["metadata"].get("namespace", one["metadata"]["name"]) for one in rendered(folder)}

    assert {expected} == names


@pytest.mark.parametrize("folder", [*OVERLAYS, *JOBS])
def test_pods_may_do_little(folder):
    """No pod is root, gains rights, writes to its root file system, or holds a token of Kubernetes."""
    seen = list(pods(folder))
    for pod in seen:
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert (10001, 10001) == (spec["securityContext"]["runAsUser"], spec["securityContext"]["fsGroup"])
        assert {"type": "RuntimeDefault"} == spec["securityContext"]["seccompProfile"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False
        for container in spec["containers"]:
            assert {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            } == container["securityContext"]

    assert seen


@pytest.mark.parametrize("folder", [*OVERLAYS, *JOBS])
def test_pods_have_limits(folder):
    """Each container says what it needs and how much it may take, and mounts all that its pod has."""
    for pod in pods(folder):
        for container in pod["spec"]["containers"]:
            limits, requests = container["resources"]["limits"], container["resources"]["requests"]
            assert {"cpu", "memory"} <= limits.keys() & requests.keys()
            assert {"/tmp"} <= {mount["mountPath"] for mount in container["volumeMounts"]}
            mounted = {mount["name"] for mount in container["volumeMounts"]}
            assert {volume["name"] for volume in pod["spec"]["volumes"]} == mounted
        empty = [volume["emptyDir"] for volume in pod["spec"]["volumes"] if "emptyDir" in volume]
        assert all("sizeLimit" in volume for volume in empty)


@pytest.mark.parametrize("folder", [*OVERLAYS, *JOBS])
def test_images_are_targets_of_our_dockerfile(folder):
    """What runs is one of the three images, never 'latest'."""
    images = {container["image"] for pod in pods(folder) for container in pod["spec"]["containers"]}
    expected = {
        "overlays/cpu": "nodelens:service-cpu",
        "overlays/gpu": "nodelens:service",
        "overlays/dev": "nodelens:service-cpu",
    }

    assert {expected.get(folder, "nodelens:training")} == images
