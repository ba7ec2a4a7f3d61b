"""What a page says about the model: a summary of its card."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imaging.manifest import Gate, Manifest, Metric
from service.findings import Code

SYNTHETIC = "SYNTHETIC: the model learnt from phantoms, and not from patients. Its numbers say nothing about patients."
UNRELEASED = "NOT RELEASED: the model did not pass release gates. It is here for research only."

MARK = " (SYNTHETIC)"

SAID = {Code.SYNTHETIC_MODEL, Code.UNGATED_MODEL}


@dataclass(frozen=True, slots=True)
class ModelCard:
    """
    What one must know of a model to read its numbers.

    Attributes:
        name: And version.
        digest: SHA-256 of its file.
        operating_point: The probability from which a node is called metastatic.
        warnings: What stands above everything.
        facts: Names and values.
        gates: The release gates: what was asked, what was found, the verdict.
    """

    name: str
    digest: str
    operating_point: float
    warnings: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    gates: tuple[tuple[str, str, str, str], ...] = ()

    @property
    def mark(self) -> str:
        """What stands beside its numbers, so that it is there in a part of the page too."""
        return MARK if SYNTHETIC in self.warnings else ""

    @classmethod
    def of(cls, findings: Mapping[str, Any], manifest: Manifest | None) -> "ModelCard":
        """The model of ``findings.json``; without its manifest less is known."""
        model = findings["model"]
        warnings = [SYNTHETIC] if model["synthetic"] else []
        warnings += [] if model["released"] else [UNRELEASED]
        return cls(
            name=f"{model['name']}, version {model['version']}",
            digest=model["digest"],
            operating_point=findings["operating_point"],
            warnings=tuple(warnings),
            facts=_facts(manifest) if manifest else (),
            gates=tuple(map(_gate, manifest.gates)) if manifest else (),
        )


def notices_of(findings: Mapping[str, Any]) -> tuple[str, ...]:
    """What else must be said about the whole; what the warnings say already is left out."""
    return tuple(sentence(each["message"]) for each in findings["notices"] if each["code"] not in SAID)


def sentence(message: str) -> str:
    """
    A notice as a sentence.

    >>> sentence("the mask marks nothing")
    'The mask marks nothing.'
    """
    return f"{message[:1].upper()}{message[1:]}."


def _facts(manifest: Manifest) -> tuple[tuple[str, str], ...]:
    data, point = manifest.training_data, manifest.operating_point
    kind = "SYNTHETIC phantoms" if data.synthetic else "patients"
    return (
        ("Network", manifest.network),
        ("Learnt from", f"{data.node_count} nodes of {data.patient_count} {kind}"),
        (
            "At its operating point",
            f"{point.probability:.2f}: sensitivity {point.sensitivity:.2f}, specificity {point.specificity:.2f} "
            f"({point.chosen_on})",
        ),
        *((_title(metric), _measured(metric)) for metric in manifest.metrics),
        ("Made", f"{manifest.created[:10]}, by NodeLens {manifest.code_version}"),
        ("Licence of the weights", manifest.licence),
    )


def _title(metric: Metric) -> str:
    return f"{metric.name} ({metric.data})"


def _measured(metric: Metric) -> str:
    return f"{metric.value:.3f} ({metric.confidence:.0%} interval {metric.lower:.3f} to {metric.upper:.3f})"


def _gate(gate: Gate) -> tuple[str, str, str, str]:
    found = "–" if gate.value is None else f"{gate.value:.3g} ({gate.lower:.3g} to {gate.upper:.3g})"
    return gate.name, gate.condition or f"threshold {gate.threshold:g}", found, gate.verdict
