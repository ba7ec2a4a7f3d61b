"""
A model's card: what it is for, what it learnt from, what it was held to, and what it cannot do.

Headings follow the model cards of Mitchell et al. (2019, doi:10.1145/3287560.3287596) and CLAIM 2024 (Tejani et al.,
doi:10.1148/ryai.240300).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from imaging.manifest import Gate, Manifest
from imaging.roc import Estimate
from training.config import RunConfig
from training.release.facts import Facts, OutOfFold

Table = tuple[tuple[str, ...], ...]
"""Rows; the first is the head."""

RELEASED = "RELEASED"
NOT_RELEASED = "NOT RELEASED (research only)"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, sentences below it, and perhaps a table."""

    heading: str
    sentences: tuple[str, ...]
    table: Table = ()


@dataclass(frozen=True, slots=True)
class Card:
    """A title and its sections."""

    title: str
    sections: tuple[Section, ...]

    def to_markdown(self) -> str:
        """The card as Markdown."""
        lines = [f"# {self.title}"]
        for section in self.sections:
            lines += ["", f"## {section.heading}", "", *section.sentences]
            if section.table:
                lines += ["", *markdown_table(section.table)]
        return "\n".join(lines) + "\n"


def markdown_table(table: Table) -> list[str]:
    """The lines of a table."""
    head, *rows = ("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table)
    return [head, "|---" * len(table[0]) + "|", *rows]


def verdict_of(manifest: Manifest) -> str:
    """Whether it is released, in capitals."""
    return RELEASED if manifest.released else NOT_RELEASED


def table_of_gates(gates: Sequence[Gate]) -> Table:
    """What each gate asks, what was found, and its verdict."""
    head = ("gate", "found (95 % interval)", "asked", "verdict", "note")
    return (head, *((gate.name, _found(gate), gate.condition, gate.verdict, gate.note) for gate in gates))


def card_of(manifest: Manifest, facts: Facts, config: RunConfig) -> Card:
    """Tell of a model by its manifest, what else is known, and the choices of its training."""
    return Card(
        title=f"{manifest.name}, version {manifest.version}: {verdict_of(manifest)}",
        sections=(
            _intended_use(manifest),
            _data(manifest, facts),
            _preprocessing(manifest),
            _training(config),
            _performance(manifest, facts.out_of_fold),
            _subgroups(facts.out_of_fold),
            Section("Release gates", ("What was not measured has not passed.",), table_of_gates(manifest.gates)),
            _limits(manifest, facts),
            _origin(manifest),
        ),
    )


def _intended_use(manifest: Manifest) -> Section:
    sentences = [
        "Estimates the probability that a lymph node, marked in a CT, is metastatic, and shows where the network "
        "looked. Research use only; not a diagnosis, and no medical device.",
    ]
    if manifest.training_data.synthetic:
        sentences.append("Learnt from and measured on SYNTHETIC phantoms: nothing here says anything about patients.")
    return Section("Intended use", tuple(sentences))


def _data(manifest: Manifest, facts: Facts) -> Section:
    data = manifest.training_data
    kind = "SYNTHETIC phantoms" if data.synthetic else "patients"
    return Section(
        "Data and reference standard",
        (
            f"Learnt from {data.node_count} nodes of {data.patient_count} {kind}; the digest of all cases is "
            f"{data.digest}.",
            f"Labels are those of {facts.own.labels or 'the table of cases'}.",
            "Patients were split before anything was learnt; none is in two parts."
            if not facts.own.crossing_patients
            else f"{facts.own.crossing_patients} patients are in two parts of the split.",
        ),
    )


def _preprocessing(manifest: Manifest) -> Section:
    rows = (("choice", "value"), *((name, str(value)) for name, value in manifest.preprocessing.to_dict().items()))
    return Section("Preprocessing", ("Done by the service, from the same description.",), rows)


def _training(config: RunConfig) -> Section:
    choices = {
        "network": config.network,
        "epochs at most": config.epoch_count,
        "slices in a step": config.batch_size,
        "learning rate": f"{config.learning_rate:g}",
        "augmented": config.augmented,
        "best epoch by validation": config.stop_on,
        "pretrained weights (SHA-256)": config.weights_sha256 or "none",
        "guidance of heat maps": f"{config.guidance:g}",
        "seed": config.seed,
    }
    return Section("Training", (), (("choice", "value"), *((name, str(value)) for name, value in choices.items())))


def _performance(manifest: Manifest, found: OutOfFold | None) -> Section:
    rows = tuple(
        (metric.name, str(Estimate(metric.value, metric.lower, metric.upper)), metric.data)
        for metric in manifest.metrics
    )
    point = manifest.operating_point
    return Section(
        "Performance",
        (
            "With 95 % intervals from resampled patients, beside what is known without a network.",
            f"A node is called metastatic from a probability of {point.probability:.3f} on, which was chosen on "
            f"{point.chosen_on}.",
            *_gap(found),
        ),
        (("measure", "value (95 % interval)", "on"), *rows),
    )


def _gap(found: OutOfFold | None) -> tuple[str, ...]:
    """How much better it is on what it learnt from, if that is known."""
    if found is None or found.training_auc is None:
        return ()
    return (
        f"AUC {found.training_auc:.3f} on nodes that were learnt from, {found.auc.value:.3f} out of fold: a gap of "
        f"{found.training_auc - found.auc.value:.3f}. The former is of single networks while learning: dropout and "
        "augmentation lower it, so that the gap says rather too little of what was learnt by heart.",
    )


def _subgroups(found: OutOfFold | None) -> Section:
    if found is None:
        return Section("Subgroups", ("Not measured: there was no cross-validation.",))
    rows = ((group.name, str(group.node_count), str(group.auc or "too few")) for group in found.groups)
    return Section("Subgroups", ("Out of fold.",), (("group", "nodes", "AUC (95 % interval)"), *rows))


def _limits(manifest: Manifest, facts: Facts) -> Section:
    sentences = [
        "This card knows of no test on another hospital's patients, nor of a prospective one.",
        "It answers only about nodes that somebody has marked, on CTs like those that it learnt from.",
        "Its probabilities hold for a share of metastatic nodes like that in its training data.",
    ]
    if facts.shown is not None and facts.shown.guided:
        sentences.append(
            "Its heat maps were trained on: only the gates on painted-out nodes say where answers come from."
        )
    failed = [gate.name for gate in manifest.gates if not gate.passed]
    if failed:
        sentences.append(f"Gates that are not passed: {'; '.join(failed)}.")
    return Section("Limits", tuple(sentences))


def _origin(manifest: Manifest) -> Section:
    return Section(
        "Origin",
        (
            f"Written {manifest.created} by NodeLens {manifest.code_version}.",
            f"Licence of the weights: {manifest.licence}.",
        ),
    )


def _found(gate: Gate) -> str:
    if gate.value is None or gate.lower is None or gate.upper is None:
        return "–"
    exact = gate.value == gate.lower == gate.upper
    return f"{gate.value:.3g}" if exact else str(Estimate(gate.value, gate.lower, gate.upper))
