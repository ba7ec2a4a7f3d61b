"""A real Prometheus, with the rules as they are deployed and a clock that runs faster."""

import json
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
import yaml

from tests.deploy.alerting import FOLDER
from tests.service.models.live import eventually

INTERVAL = "500ms"
"""Between two scrapes, and two looks at the rules."""

DURATION = re.compile(r"(?<=\[)\d+[mhd](?=\])|(?<=offset )\d+[mhd]|(?<=for: )\d+[mhd]")
"""Windows, offsets and patience; seconds that are compared with ages and dates stay as they are."""

SHORTEST_MS = 2000
"""Of what is shortened: one lost scrape must be no outage, and a window needs several scrapes."""

MILLISECONDS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A running Prometheus."""

    address: str

    def ask(self, query: str) -> list[dict[str, Any]]:
        """
        The samples of a query.

        Raises:
            ValueError: it is no query.
        """
        try:
            with urlopen(f"http://{self.address}/api/v1/query?{urlencode({'query': query})}") as answer:
                data: dict[str, Any] = json.load(answer)["data"]
        except HTTPError as error:
            raise ValueError(f"{query}: {json.load(error)['error']}") from error
        return [data] if data["resultType"] == "scalar" else data["result"]

    def firing(self) -> set[str]:
        """The alerts that fire now."""
        return {each["metric"]["alertname"] for each in self.ask('ALERTS{alertstate="firing"}')}

    def fired(self) -> set[str]:
        """The alerts that fire now, or have."""
        told = self.ask('count_over_time(ALERTS{alertstate="firing"}[1d])')
        return {each["metric"]["alertname"] for each in told}

    def judges(self) -> bool:
        """Whether it has looked at its rules."""
        with urlopen(f"http://{self.address}/api/v1/rules") as answer:
            groups = json.load(answer)["data"]["groups"]
        return bool(groups) and all(group["evaluationTime"] > 0 for group in groups)

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            with urlopen(f"http://{self.address}/-/ready") as answer:
                return bool(answer.status == 200)
        except (HTTPError, URLError):
            return False


def faster(rules: str, factor: float) -> str:
    r"""
    Rules whose time runs faster; what they ask and compare stays as it is.

    >>> faster("rate(x_total[5m] offset 1d) > 0.1\\nfor: 2m", 60)
    'rate(x_total[5000ms] offset 1440000ms) > 0.1\\nfor: 2000ms'
    """

    def shortened(found: re.Match[str]) -> str:
        passed_ms = MILLISECONDS[found[0][-1]] * int(found[0][:-1])
        return f"{max(passed_ms / factor, SHORTEST_MS):.0f}ms"

    return DURATION.sub(shortened, rules)


def configuration(targets: Mapping[str, str]) -> str:
    """The configuration as it is deployed, with short intervals, and other targets: HOST:PORT by job."""
    plain = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    jobs = [job["job_name"] for job in plain["scrape_configs"]]
    scraped = [{"job_name": job, "static_configs": [{"targets": [targets[job]]}]} for job in jobs if job in targets]
    timing = {"scrape_interval": INTERVAL, "evaluation_interval": INTERVAL, "scrape_timeout": INTERVAL}
    return yaml.safe_dump({**plain, "global": timing, "scrape_configs": scraped})


@contextmanager
def running_prometheus(folder: Path, targets: Mapping[str, str], factor: float) -> Iterator[Prometheus]:
    """
    A Prometheus that scrapes servers; the test is skipped where there is none.

    Args:
        folder: Where it keeps what it needs.
        targets: HOST:PORT of each job that is scraped.
        factor: How much faster the rules' time runs.
    """
    if not shutil.which("prometheus"):
        pytest.skip("needs Prometheus: make test-deps")
    folder.mkdir()
    (folder / "prometheus.yml").write_text(configuration(targets))
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    words = ["prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}"]
    words += [f"--web.listen-address={address}", "--storage.tsdb.retention.time=60d"]
    with (folder / "log").open("w") as log, subprocess.Popen(words, stdout=log, stderr=log) as process:
        try:
            prometheus = Prometheus(address)
            eventually(prometheus.ready)
            # It finds its targets after seconds, which would be minutes for the rules.
            eventually(lambda: len(prometheus.ask("up == 1")) == len(targets))
            for name in ("recording.yml", "alerts.yml"):
                (folder / name).write_text(faster((FOLDER / name).read_text(), factor))
            process.send_signal(signal.SIGHUP)
            eventually(prometheus.judges)
            yield prometheus
        finally:
            process.terminate()
