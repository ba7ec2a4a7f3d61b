"""The rules of Prometheus: when somebody is woken, and when not."""

import re
import shutil
import subprocess

import pytest
import yaml

from tests.deploy.alerting import FOLDER, SCENES, alerts, names

GUIDE = FOLDER.parent / "README.md"
PAGES = {
    "NodeLensAvailabilityBurnsFast",
    "NodeLensCertificateExpires",
    "NodeLensDown",
    "NodeLensLatencyBurnsFast",
    "NodeLensOverloaded",
    "NodeLensPacsStopped",
}


def promtool(*words):
    """What promtool says; skipped where it is not there."""
    if not shutil.which("promtool"):
        pytest.skip("needs promtool: make test-deps")
    return subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, check=False)


def told(kind):
    """All cases of a kind in all scenes."""
    scenes = [scene for path in SCENES for scene in yaml.safe_load(path.read_text())["tests"]]
    return [case for scene in scenes for case in scene.get(kind, ())]


def test_the_configuration_is_sound():
    """Prometheus takes its configuration and both files of rules, templates of texts included."""
    done = promtool("check", "config", FOLDER / "prometheus.yml")

    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_alerts_fire_in_their_scenes_and_no_other_does(path):
    """Each scene tells all alerts that fire."""
    done = promtool("test", "rules", path)

    assert 0 == done.returncode, done.stdout + done.stderr


def test_each_alert_has_a_scene_where_it_fires_and_one_where_it_does_not():
    """None was written and never seen."""
    fires = {
        re.search(r'alertname="(\w+)"', sample["labels"])[1]
        for case in told("promql_expr_test")
        for sample in case["exp_samples"]
    }
    quiet = {case["alertname"] for case in told("alert_rule_test") if not case.get("exp_alerts")}

    assert names() == fires
    assert names() == quiet


def test_only_what_callers_feel_wakes_somebody():
    """Causes and trends are tickets."""
    assert {"page", "ticket"} == {alert["labels"]["severity"] for alert in alerts()}
    assert PAGES == {alert["alert"] for alert in alerts() if alert["labels"]["severity"] == "page"}


def test_each_alert_says_what_it_is_and_where_to_read_on():
    """A summary, a description, and a section of the operations guide, of which each belongs to an alert."""
    sections = set(re.findall(r"^#### (NodeLens\w+)$", GUIDE.read_text(), re.MULTILINE))

    assert names() == sections
    for alert in alerts():
        assert {"summary", "description", "runbook_url"} == set(alert["annotations"])
        assert f"deploy/README.md#{alert['alert'].lower()}" == alert["annotations"]["runbook_url"]
