"""The dashboards of Grafana: every query is answered by a real Prometheus that watches a real server."""

import math
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
import trustme
import yaml

from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from tests.deploy import alerting
from tests.deploy.dashboards import DASHBOARDS, FOLDER, dashboard, expressions, metrics_in, metrics_of
from tests.deploy.prometheus import running_prometheus
from tests.service.conftest import models  # noqa: F401 -- a fixture
from tests.service.models.live import eventually
from tests.service.opinions import submission
from tests.service.scans import request
from tests.service.security.authorities import write_pair
from tests.service.servers import running_server

OPTIONS = ("--device", "auto", "--threads", "1", "--allow-research", "--shadow", "cnn", "--shadow-share", "1")
OF_PROMETHEUS = {"ALERTS", "up"}
UNSEEN = {
    "model:nodelens_input_drift:avg": "is told after 100 nodes",
    "model:nodelens_heatmap_lift:mean7d_before": "needs a week",
    "job:nodelens_reviews_disagree:ratio28d_before": "needs five weeks",
}
"""What has no sample yet, and why."""


@contextmanager
def answering(models, folder):  # noqa: F811
    """A server of which all that can be told can be told, and its calls."""
    ca = trustme.CA()
    certificate, key = write_pair(ca, folder)
    options = (*OPTIONS, "--tls-certificate", str(certificate), "--tls-key", str(key))
    with running_server(models, folder / "log.jsonl", *options, "--reviews", str(folder / "reviews.jsonl")) as server:
        credentials = grpc.ssl_channel_credentials(ca.cert_pem.bytes())
        address = f"localhost:{server.address.rpartition(':')[2]}"
        with grpc.secure_channel(address, credentials) as channel:
            yield server, NodeClassifierServiceStub(channel)


def ask(stub, number):
    """Calls of all kinds: answered, in the shadow and not, refused, and reviewed."""
    for model, version in (("cnn-gap", 1), ("cnn", 1)):
        stub.Classify(request(model=model, model_version=version), timeout=60)
    with pytest.raises(grpc.RpcError):
        stub.Classify(request(model="vgg"), timeout=60)
    stub.SubmitReview(submission(f"review-{number}"), timeout=60)


@pytest.fixture(scope="module")
def watched(models, tmp_path_factory):  # noqa: F811
    """A server that was asked, its page, and the Prometheus that watches it."""
    folder = tmp_path_factory.mktemp("watched")
    with answering(models, folder) as (server, stub):
        target = {"nodelens": server.metrics_url.split("/")[2]}
        with running_prometheus(folder / "prometheus", target, 60) as prometheus:
            ask(stub, 1)
            eventually(lambda: prometheus.ask("nodelens_shadow_nodes_total > 0"))
            ask(stub, 2)
            eventually(lambda: prometheus.ask("sum(nodelens_reviews_total) == 2"))
            yield prometheus, metrics_of(server.metrics_url)


@pytest.fixture(scope="module")
def bridge(tmp_path_factory):
    """The page of a bridge that has had nothing to do, and the Prometheus that watches it beside no server."""
    metrics = pytest.importorskip("service.pacs.metrics", reason="there is no bridge to a PACS yet").BridgeMetrics()
    port = metrics.serve("127.0.0.1", 0)
    folder = tmp_path_factory.mktemp("bridge")
    with running_prometheus(folder / "prometheus", {"nodelens-pacs": f"127.0.0.1:{port}"}, 60) as prometheus:
        yield prometheus, metrics_of(f"http://127.0.0.1:{port}/metrics")


def of_the_bridge(expression):
    """Whether the bridge answers this, not the server."""
    return any(name.startswith("nodelens_pacs") for name in metrics_in(expression))


def all_expressions():
    """Of all dashboards and rules."""
    return [each for path in DASHBOARDS for each in expressions(dashboard(path))] + alerting.expressions()


def test_rules_and_dashboards_ask_for_what_the_server_has(watched):
    """Each name is on the server's page, or recorded by a rule."""
    _, exposed = watched
    named = set().union(*(metrics_in(each) for each in all_expressions()))

    assert len(named) > 40
    assert set() == {name for name in named if "_pacs_" not in name} - exposed - alerting.recorded() - OF_PROMETHEUS


def test_rules_and_dashboards_ask_for_what_the_bridge_has(bridge):
    """Each name is on the bridge's page."""
    _, exposed = bridge
    named = set().union(*(metrics_in(each) for each in all_expressions()))

    assert set() == {name for name in named if "_pacs_" in name} - exposed


@pytest.mark.parametrize("path", [path for path in DASHBOARDS if path.stem != "pacs"], ids=lambda path: path.stem)
def test_every_query_has_an_answer(watched, path):
    """A number comes back for all that a server can tell that has answered some calls."""
    prometheus, _ = watched
    asked = list(expressions(dashboard(path)))

    assert len(asked) > 10
    for expression in asked:
        if metrics_in(expression) & UNSEEN.keys():
            assert [] == prometheus.ask(expression)
        else:
            eventually(lambda expression=expression: numbers(prometheus.ask(expression)))


def test_every_query_about_the_bridge_has_an_answer(bridge):
    """A bridge that has had nothing to do says so."""
    prometheus, _ = bridge
    for expression in expressions(dashboard(FOLDER / "dashboards" / "pacs.json")):
        eventually(lambda expression=expression: not of_the_bridge(expression) or prometheus.ask(expression))


def numbers(samples):
    """The samples that are numbers."""
    return [each for each in samples if not math.isnan(float(each["value"][1]))]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_is_whole(path):
    """It has a title and a uid of its own, says that it is for research, and leaves the data source to Grafana."""
    board = dashboard(path)
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    places = [(each["gridPos"]["x"], each["gridPos"]["y"]) for each in board["panels"]]

    assert f"nodelens-{path.stem}" == board["uid"]
    assert "Research use only" in board["description"]
    assert {"${datasource}"} == {target["datasource"]["uid"] for panel in panels for target in panel["targets"]}
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_grafana_finds_prometheus_and_the_dashboards():
    """What is provisioned names the data source that the dashboards choose, and the folder where they are mounted."""
    source = yaml.safe_load((FOLDER / "provisioning/datasources/prometheus.yml").read_text())["datasources"][0]
    provider = yaml.safe_load((FOLDER / "provisioning/dashboards/nodelens.yml").read_text())["providers"][0]
    chosen = {
        each["current"]["value"]
        for path in DASHBOARDS
        for each in dashboard(path)["templating"]["list"]
        if each["type"] == "datasource"
    }

    assert {source["uid"]} == chosen
    assert Path(provider["options"]["path"]).is_absolute()
