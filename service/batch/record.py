"""
What became of one case, as its line in the journal.

A line is a JSON object with the fields of a `Record`. ``findings`` is what ``findings.json`` of `service.results`
holds, but for pictures, of which a batch makes none; null where the case was not scored.
"""

from dataclasses import asdict, dataclass
from typing import Any

from imaging.manifest import Manifest
from service.batch.case import Stamp
from service.findings import Classification
from service.options import ClassifyOptions
from service.results import findings_of


@dataclass(frozen=True, slots=True)
class Record:
    """
    What became of one case.

    Attributes:
        case: Its name.
        findings: What was found; None where it was not scored.
        reason: Why it was not scored, for programs, as MASK_OUTSIDE_VOLUME; empty where it was.
        message: Likewise, for people; of a case that was scored, what one must know about how its files were read.
        seconds: What it took, reading and waiting included.
        tries: Calls until it was answered.
        server: Who answered; empty if not a server, or nobody.
        stamp: Of its files as they were read.
    """

    case: str
    findings: dict[str, Any] | None = None
    reason: str = ""
    message: str = ""
    seconds: float = 0.0
    tries: int = 1
    server: str = ""
    stamp: Stamp | None = None

    @property
    def scored(self) -> bool:
        """Whether there are findings."""
        return self.findings is not None

    @property
    def nodes(self) -> list[dict[str, Any]]:
        """What was found in each node."""
        return list(self.findings["nodes"]) if self.findings else []

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def plain_findings(
    found: Classification, manifest: Manifest, options: ClassifyOptions, heatmap: str | None
) -> dict[str, Any]:
    """
    Findings as plain values, without pictures.

    Args:
        found: The answer.
        manifest: Of the model.
        options: What was chosen.
        heatmap: Where the heat maps of the CT are, from the folder of results; None if nowhere.
    """
    plain = findings_of(found, manifest, options) | {"heatmap": heatmap}
    for node in plain["nodes"]:
        del node["picture"]
    return plain
