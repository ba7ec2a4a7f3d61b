"""What watches the servers in a cluster."""

import pytest

from deploy.k8s.prometheus_rule import RESOURCE, RULES, resource, text_of
from tests.deploy.k8s.kustomize import OVERLAYS, of_kind, the
from tests.deploy.schemas import problems

WATCHED = OVERLAYS[:2]


def test_there_is_one_source_of_rules():
    """The operator's resource is what is made of deploy/prometheus; where not: python -m deploy.k8s.prometheus_rule."""
    assert text_of(resource(RULES)) == RESOURCE.read_text()


@pytest.mark.parametrize("folder", WATCHED)
def test_the_operator_takes_the_resources(folder, schemas):
    """Monitor and rules fit the schemas of the Prometheus operator."""
    resources = of_kind(folder, "ServiceMonitor") + of_kind(folder, "PrometheusRule")

    assert 2 == len(resources)
    assert [] == problems(schemas, resources)


@pytest.mark.parametrize("folder", WATCHED)
def test_the_monitor_finds_the_servers(folder):
    """It selects the service, asks its port of metrics, and calls the job by the name that the rules ask for."""
    monitor, service = the(folder, "ServiceMonitor")["spec"], the(folder, "Service")
    [endpoint] = monitor["endpoints"]

    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}
    assert f'job="{service["metadata"]["name"]}"' in RESOURCE.read_text()


def test_one_s_own_machine_needs_no_operator():
    """The overlay for development has none of its kinds."""
    assert [] == of_kind(OVERLAYS[2], "ServiceMonitor") + of_kind(OVERLAYS[2], "PrometheusRule")
