"""A bridge's metrics."""

import urllib.request

import pytest

from service.faults import CannotStart
from service.pacs.metrics import BridgeMetrics
from service.pacs.task import State


def test_metrics_are_there_from_the_start():
    """All outcomes count from 0, under the names that dashboards know."""
    metrics = BridgeMetrics()
    port = metrics.serve("127.0.0.1", 0)
    metrics.studies.labels(State.STORED.value).inc()
    metrics.observe_backlog(3, oldest_s=1.0)

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        text = answer.read().decode()

    assert 'nodelens_pacs_studies_total{outcome="stored"} 1.0' in text
    assert 'nodelens_pacs_studies_total{outcome="refused"} 0.0' in text
    assert 'nodelens_pacs_studies_total{outcome="failed"} 0.0' in text
    assert "nodelens_pacs_backlog 3.0" in text
    assert "nodelens_pacs_source_up 0.0" in text
    assert "nodelens_pacs_service_up 0.0" in text
    assert "nodelens_pacs_handling_seconds_bucket" in text


def test_the_age_of_the_first_grows_by_itself():
    """It needs no look at the journal; without a backlog it is 0."""
    metrics = BridgeMetrics()
    metrics.observe_backlog(0, None)
    assert 0 == metrics.registry.get_sample_value("nodelens_pacs_oldest_seconds")

    metrics.observe_backlog(1, 1.0)
    assert 1e9 < metrics.registry.get_sample_value("nodelens_pacs_oldest_seconds")


def test_a_port_that_is_taken_is_told():
    """Two bridges need two ports."""
    port = BridgeMetrics().serve("127.0.0.1", 0)

    with pytest.raises(CannotStart, match=f"cannot serve metrics on 127.0.0.1:{port}"):
        BridgeMetrics().serve("127.0.0.1", port)
