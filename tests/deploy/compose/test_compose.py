"""What runs on one machine."""

import json

import jsonschema
import pytest
import yaml

from service.pacs.main import _parser as bridge_parser
from service.pacs.settings import Settings as BridgeSettings
from service.pacs.settings import orthanc_from
from service.settings import Settings
from tests.conftest import ROOT
from tests.deploy.compose.compose import COMPOSE, OURS, composed, mounts, secrets, services, words
from tests.deploy.dockerfile import stages
from tests.deploy.schemas import compose_schema

NAMES = ("bridge", "grafana", "orthanc", "prometheus", "service-cpu", "service-gpu")


def server(name: str, flags: str = "") -> Settings:
    """What the server reads from its image's words and those of the file."""
    service = composed(NODELENS_FLAGS=flags)["services"][name]
    return Settings.from_arguments([*stages()[service["build"]["target"]].words("ENTRYPOINT")[1:], *words(service)])


def test_the_file_fits_its_schema(schemas):
    """No word stands where the compose specification has none."""
    problems = jsonschema.Draft201909Validator(compose_schema(schemas)).iter_errors(composed())

    assert [] == [problem.message for problem in problems]


@pytest.mark.parametrize("name", NAMES)
def test_containers_may_do_little(name):
    """No container is root, gains rights, or writes to its root file system; each has limits and tells its health."""
    service = services()[name]

    assert set(NAMES) == services().keys()
    assert int(service["user"].split(":")[0]) > 0
    assert service["read_only"] is True
    assert ["ALL"] == service["cap_drop"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert ["no-new-privileges:true"] == service["security_opt"]
    assert {"cpus", "memory"} == service["deploy"]["resources"]["limits"].keys()
    assert service["pids_limit"] > 0
    assert "CMD" == service["healthcheck"]["test"][0]
    assert "latest" not in service["image"]


def test_ports_are_open_to_this_machine_alone():
    """What others shall reach must be said, and only what has ports is on a network that leads out."""
    for name, service in services().items():
        ports = service.get("ports", [])
        assert all(port.startswith("127.0.0.1:") for port in ports), name
        assert bool(ports) == ("outside" in service["networks"]), name
    assert ["outside"] == [name for name, network in composed()["networks"].items() if not network.get("internal")]


@pytest.mark.parametrize("name", OURS)
def test_the_server_takes_its_words(name):
    """It serves TLS with tokens, keeps reviews on a volume, and asks Docker to wait until it has ended."""
    chosen, service = server(name), services()[name]
    security, places = chosen.security, secrets(service)

    assert security.tls
    assert {places["tls.crt"], places["tls.key"], places["tokens"]} == {
        str(path) for path in (security.tls.certificate, security.tls.key, security.tokens)
    }
    assert ("reviews", False) == mounts(service)[str(chosen.reviews.parent)]
    assert mounts(service)[str(chosen.models)][1] is True
    assert service["ports"][0].endswith(f":{chosen.port}")
    assert ["CMD", *stages()["service"].words("HEALTHCHECK")] == service["healthcheck"]["test"]
    assert int(service["stop_grace_period"].rstrip("s")) > chosen.grace_s + 1


@pytest.mark.parametrize("name", OURS)
def test_the_server_knows_its_limits(name):
    """Threads are those of the limit, and requests leave half of the memory to their work."""
    chosen, limits = server(name), services()[name]["deploy"]["resources"]["limits"]

    assert int(limits["cpus"]) == chosen.thread_count == chosen.inference.worker_count
    assert chosen.limits.in_flight_bytes <= int(limits["memory"].rstrip("g")) * 2**30 / 2


@pytest.mark.parametrize("name", OURS)
def test_models_of_phantoms_are_served_where_it_is_said(name):
    """What did not pass its gates is served only with NODELENS_FLAGS."""
    assert not server(name).model_options.allow_research
    assert server(name, "--allow-research").model_options.allow_research


def test_there_is_a_profile_for_each_device():
    """One of the two servers runs, under the same name for all others; only one of them has a GPU."""
    cpu, gpu = (services()[name] for name in OURS)

    assert (["cpu"], ["gpu"]) == (cpu["profiles"], gpu["profiles"])
    assert cpu["networks"] == gpu["networks"]
    [device] = gpu["deploy"]["resources"]["reservations"]["devices"]
    assert ("nvidia", ["gpu"]) == (device["driver"], device["capabilities"])
    assert "reservations" not in cpu["deploy"]["resources"]


def test_the_bridge_takes_its_words(tmp_path):
    """It reaches archive and server by TLS, under their names, with what is mounted; it remembers on a volume."""
    service = services()["bridge"]
    places = secrets(service)
    arguments = bridge_parser().parse_args(words(service))
    for name in ("credentials", "orthanc_ca"):
        assert str(getattr(arguments, name)) in places.values()
        setattr(arguments, name, tmp_path / name)
        (tmp_path / name).write_text("user:password")
    chosen, address = BridgeSettings.from_arguments(arguments), orthanc_from(arguments, {})
    orthanc = json.loads((COMPOSE / "orthanc" / "orthanc.json").read_text())
    networks = services()["service-cpu"]["networks"]

    assert ["nodelens-pacs"] == service["entrypoint"]
    assert f"https://orthanc:{orthanc['HttpPort']}" == address.url
    assert f"{networks['calls']['aliases'][0]}:{server('service-cpu').port}" == chosen.server
    assert {str(chosen.access.ca), str(chosen.access.token_file)} <= set(places.values())
    assert ("journal", False) == mounts(service)[str(chosen.journal.parent)]
    assert {"archive", "calls", "metrics"} == service["networks"].keys()


def test_the_archive_is_no_open_door():
    """Orthanc asks for passwords, speaks TLS, and finds users and certificate where they are mounted."""
    service = services()["orthanc"]
    chosen = json.loads((COMPOSE / "orthanc" / "orthanc.json").read_text())

    assert chosen["AuthenticationEnabled"] is True
    assert chosen["SslEnabled"] is True
    assert secrets(service)["orthanc.pem"] == chosen["SslCertificate"]
    assert "/etc/nodelens/users.json" == secrets(service)["orthanc.json"]
    assert ("archive", False) == mounts(service)[chosen["StorageDirectory"]]
    assert [f":{chosen[port]}" for port in ("DicomPort", "HttpPort")] == [
        port[port.rindex(":") :] for port in service["ports"]
    ]


def test_prometheus_finds_who_is_asked():
    """Each target of its configuration is a name and a port on the network that it shares with them."""
    asked = [one["networks"]["metrics"] for one in services().values() if "metrics" in one["networks"]]
    there = {alias for network in asked for alias in network.get("aliases", [])}
    [by_name, fixed] = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())["scrape_configs"]
    [dns] = by_name["dns_sd_configs"]
    bridge = BridgeSettings.from_arguments(bridge_parser().parse_args(words(services()["bridge"])))

    assert {*dns["names"], *(host.split(":")[0] for one in fixed["static_configs"] for host in one["targets"])} == there
    assert server("service-cpu").metrics_port == dns["port"]
    assert [f"bridge:{bridge.metrics_port}"] == fixed["static_configs"][0]["targets"]
    assert "0.0.0.0" == bridge.metrics_host


def test_grafana_shows_what_prometheus_has():
    """Its source has Prometheus' name on their network, and its dashboards lie where its provider looks."""
    source = yaml.safe_load((ROOT / "deploy/grafana/provisioning/datasources/prometheus.yml").read_text())
    provider = yaml.safe_load((ROOT / "deploy/grafana/provisioning/dashboards/nodelens.yml").read_text())
    places = mounts(services()["grafana"])

    assert "http://prometheus:9090" == source["datasources"][0]["url"]
    assert {"boards"} == services()["grafana"]["networks"].keys() & services()["prometheus"]["networks"].keys()
    assert ("../grafana/dashboards", True) == places[provider["providers"][0]["options"]["path"]]
    assert all((COMPOSE / source).exists() for source, fixed in places.values() if fixed)
