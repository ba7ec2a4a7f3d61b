"""The server in a cluster."""

import os

import pytest

from service.health import LIVENESS
from service.lifecycle import LINGER_S, NOTICE_S
from service.metrics import Metrics
from service.model import Device
from service.settings import Settings
from tests.deploy.k8s.kustomize import K8S, OVERLAYS, built, mebibytes, of_kind, server, the, words

SHARED = OVERLAYS[:2]
"""What others use; the third is for one's own machine."""


def settings(folder: str) -> Settings:
    """What the server reads from its command line."""
    return Settings.from_arguments(words(server(folder)))


@pytest.mark.parametrize("folder", OVERLAYS)
def test_the_command_line_is_the_server_s_own(folder):
    """The server takes all words, and opens the ports that the pod names."""
    container, chosen = server(folder), settings(folder)

    assert ["nodelens-serve"] == container["command"]
    assert {"grpc": chosen.port, "health": chosen.security.health_port, "metrics": chosen.metrics_port} == {
        port["name"]: port["containerPort"] for port in container["ports"]
    }
    assert {"0.0.0.0"} == {chosen.host, chosen.security.metrics_host}


@pytest.mark.parametrize("folder", OVERLAYS)
def test_probes_ask_the_port_that_needs_no_token(folder):
    """Life and readiness are different questions, and a server that loads its models is alive."""
    container = server(folder)
    probes = {name: container[f"{name}Probe"]["grpc"] for name in ("startup", "liveness", "readiness")}

    assert {settings(folder).security.health_port} == {probe["port"] for probe in probes.values()}
    assert {"startup": LIVENESS, "liveness": LIVENESS, "readiness": ""} == {
        name: probe.get("service", "") for name, probe in probes.items()
    }


@pytest.mark.parametrize("folder", OVERLAYS)
def test_what_is_on_its_way_is_finished(folder):
    """Kubernetes waits longer than the server may take to end."""
    pod = the(folder, "Deployment")["spec"]["template"]["spec"]
    notice_s = server(folder)["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert pod["terminationGracePeriodSeconds"] > notice_s + NOTICE_S + settings(folder).grace_s + LINGER_S


@pytest.mark.parametrize("folder", OVERLAYS)
def test_it_takes_on_what_it_has_room_for(folder):
    """Threads are those of the limit, not of the node, and requests leave half of the memory to their work."""
    limits, chosen = server(folder)["resources"]["limits"], settings(folder)

    assert int(limits["cpu"]) == chosen.thread_count == chosen.inference.worker_count
    assert chosen.limits.in_flight_bytes <= mebibytes(limits["memory"]) * 2**20 / 2


@pytest.mark.parametrize("folder", SHARED)
def test_shared_servers_encrypt_and_ask_who_calls(folder):
    """Certificate, key and tokens are files of mounted secrets, which can be read by the group of the server alone."""
    container, security = server(folder), settings(folder).security
    volumes = {one["name"]: one for one in the(folder, "Deployment")["spec"]["template"]["spec"]["volumes"]}
    places = {mount["mountPath"]: mount for mount in container["volumeMounts"]}

    assert security.tls
    for path in (security.tls.certificate, security.tls.key, security.tokens):
        mount = places[str(path.parent)]
        assert mount["readOnly"] is True
        assert 0o440 == volumes[mount["name"]]["secret"]["defaultMode"]


@pytest.mark.parametrize("folder", SHARED)
def test_shared_servers_serve_released_models_alone(folder):
    """Models that did not pass their gates are served on one's own machine only."""
    assert not settings(folder).model_options.allow_research
    assert settings(OVERLAYS[2]).model_options.allow_research


def test_each_overlay_computes_where_it_says():
    """A GPU is asked for and used, or neither."""
    devices = [settings(folder).device for folder in OVERLAYS]
    gpus = [server(folder)["resources"]["limits"].get("nvidia.com/gpu", 0) for folder in OVERLAYS]

    assert [Device.CPU, Device.CUDA, Device.CPU] == devices
    assert [0, 1, 0] == gpus


@pytest.mark.parametrize("folder", OVERLAYS)
def test_clients_find_all_pods(folder):
    """The service has no address of its own, selects the pods, and names ports that they have."""
    service, template = the(folder, "Service")["spec"], the(folder, "Deployment")["spec"]["template"]

    assert "None" == service["clusterIP"]
    assert service["selector"].items() <= template["metadata"]["labels"].items()
    assert {port["targetPort"] for port in service["ports"]} <= {port["name"] for port in server(folder)["ports"]}


@pytest.mark.parametrize("folder", OVERLAYS)
def test_only_clients_get_in_and_nothing_gets_out(folder):
    """All is denied, then clients are let to the calls, and monitoring to the metrics."""
    labels = the(folder, "Deployment")["spec"]["template"]["metadata"]["labels"]
    policies = {policy["metadata"]["name"]: policy["spec"] for policy in of_kind(folder, "NetworkPolicy")}
    deny = policies.pop("default-deny")

    assert {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]} == deny
    ports = {name: [port["port"] for port in policy["ingress"][0]["ports"]] for name, policy in policies.items()}
    assert ({"server": ["grpc"]} | ({"metrics": ["metrics"]} if folder in SHARED else {})) == ports
    for policy in policies.values():
        assert 1 == len(policy["ingress"])
        assert policy["podSelector"]["matchLabels"].items() <= labels.items()
        assert all(peer.keys() & {"podSelector", "namespaceSelector"} for peer in policy["ingress"][0]["from"])
        assert "egress" not in policy


@pytest.mark.parametrize("folder", SHARED)
def test_it_grows_with_its_queue(folder):
    """The autoscaler asks for a metric that the server has; on CPUs the load of processors counts, too."""
    scaler = the(folder, "HorizontalPodAutoscaler")["spec"]
    names = [metric.get("pods", {}).get("metric", metric.get("resource"))["name"] for metric in scaler["metrics"]]
    served = {family.name for family in Metrics().registry.collect()}

    assert (["nodelens_queue_depth", "cpu"] if folder.endswith("cpu") else ["nodelens_queue_depth"]) == names
    assert "nodelens_queue_depth" in served
    assert "replicas" not in the(folder, "Deployment")["spec"]
    assert 2 <= scaler["minReplicas"] < scaler["maxReplicas"]


@pytest.mark.parametrize("folder", OVERLAYS)
def test_one_pod_at_a_time_is_evicted(folder):
    """Nodes that are drained take one server after the other."""
    budget, template = the(folder, "PodDisruptionBudget")["spec"], the(folder, "Deployment")["spec"]["template"]

    assert 1 == budget["maxUnavailable"]
    assert budget["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()


def test_models_may_come_as_an_image(tmp_path):
    """With the component the models are an image's, mounted where they were, and no volume is claimed."""
    folder = tmp_path / "overlay"
    folder.mkdir()
    parts = {"resources": K8S / "overlays/cpu", "components": K8S / "components/model-image"}
    lines = [f"{word}: [{os.path.relpath(place, folder)}]\n" for word, place in parts.items()]
    (folder / "kustomization.yaml").write_text("".join(lines))
    resources = {(one["kind"], one["metadata"]["name"]): one for one in built(folder)}
    pod = resources["Deployment", "nodelens"]["spec"]["template"]["spec"]
    [volume] = [one for one in pod["volumes"] if one["name"] == "models"]

    assert {"name", "image"} == volume.keys()
    assert ("PersistentVolumeClaim", "nodelens-models") not in resources
