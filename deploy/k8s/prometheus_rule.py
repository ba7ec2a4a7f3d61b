"""
Writes the rules of ``deploy/prometheus`` as a resource of the Prometheus operator.

``python -m deploy.k8s.prometheus_rule`` does it. The rules have one source, which promtool tests; a test holds the
resource to it.
"""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "prometheus"
RESOURCE = ROOT / "deploy" / "k8s" / "components" / "monitoring" / "prometheus-rule.yaml"
HEAD = "# Made of deploy/prometheus by python -m deploy.k8s.prometheus_rule: change it there.\n"


def main() -> None:
    """Write the resource anew."""
    RESOURCE.write_text(text_of(resource(RULES)))


def resource(folder: Path) -> dict[str, Any]:
    """
    The rules of a folder as one resource.

    Args:
        folder: Has ``prometheus.yml``, which names the files of rules.
    """
    files = yaml.safe_load((folder / "prometheus.yml").read_text())["rule_files"]
    groups = [group for name in files for group in yaml.safe_load((folder / name).read_text())["groups"]]
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "nodelens"},
        "spec": {"groups": groups},
    }


def text_of(made: dict[str, Any]) -> str:
    """A resource as a file."""
    return HEAD + yaml.safe_dump(made, sort_keys=False, width=4096, allow_unicode=True)


if __name__ == "__main__":
    main()
