"""When a call that failed is made again."""

import json

import pytest

from nodelens.v1 import node_classifier_service_pb2 as messages
from service.retry import SERVICE, UNARY_METHODS, Deadline, RetryPolicy


def test_waits_double_up_to_the_longest():
    """Three waits between four attempts, each longer or shorter by up to a fifth."""
    policy = RetryPolicy(attempts=6)

    for wait_s, usual_s in zip(policy.waits_s(), (0.1, 0.2, 0.4, 0.8, 1.0), strict=True):
        assert 0.8 * usual_s <= wait_s <= 1.2 * usual_s
    assert 3 == len(list(RetryPolicy().waits_s()))


def test_clients_do_not_wait_alike():
    """Two clients of a server that went away do not come back at the same moment."""
    assert list(RetryPolicy().waits_s()) != list(RetryPolicy().waits_s())


def test_the_service_config_is_the_policy():
    """Only ``UNAVAILABLE`` is retried, with the numbers of the policy, and a failing server is spared."""
    config = json.loads(RetryPolicy().service_config())
    [method] = config["methodConfig"]

    assert {
        "maxAttempts": 4,
        "initialBackoff": "0.100000000s",
        "maxBackoff": "1.000000000s",
        "backoffMultiplier": 2.0,
        "retryableStatusCodes": ["UNAVAILABLE"],
    } == method["retryPolicy"]
    assert {"maxTokens": 10, "tokenRatio": 0.1} == config["retryThrottling"]
    assert "healthCheckConfig" not in config


def test_grpc_repeats_no_stream():
    """The methods that are named are the service's, and none of them takes a stream."""
    methods = messages.DESCRIPTOR.services_by_name["NodeClassifierService"].methods_by_name

    assert [False] * len(UNARY_METHODS) == [methods[name].client_streaming for name in UNARY_METHODS]


def test_one_attempt_is_no_retry():
    """Then the config says nothing of retries."""
    assert {} == json.loads(RetryPolicy(attempts=1).service_config())
    assert [] == list(RetryPolicy(attempts=1).waits_s())


def test_the_health_that_is_watched_is_the_services():
    """It names the service, and a balancer that looks at it."""
    config = json.loads(RetryPolicy().service_config(watch_health=True))

    assert {"serviceName": SERVICE} == config["healthCheckConfig"]
    assert [{"round_robin": {}}] == config["loadBalancingConfig"]


@pytest.mark.parametrize(("allowed_s", "least_s"), [(60.0, 30.0), (0.0, 0.0)])
def test_a_deadline_tells_what_is_left(allowed_s, least_s):
    """Never more than was allowed, and never less than nothing."""
    assert least_s <= Deadline(allowed_s).left_s <= allowed_s
