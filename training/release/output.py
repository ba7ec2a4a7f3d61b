"""The files of a model, and what is told of them."""

from pathlib import Path

from imaging.atomic import write_text
from imaging.manifest import Manifest
from training.onnx_file import write_traced
from training.release.candidate import Candidate
from training.release.card import card_of, markdown_table, table_of_gates, verdict_of
from training.release.facts import Facts
from training.release.gates import gates_of
from training.report.page import write_page

TEMPLATE = Path(__file__).with_name("card.html.j2")
CARD_NAME = "model_card"


def write_model_files(candidate: Candidate, facts: Facts) -> Manifest:
    """Hold a candidate to the gates, and write its card and, last, its model file: the manifest of the latter."""
    manifest = candidate.manifest(facts, gates_of(facts))
    card = card_of(manifest, facts, candidate.run.config)
    folder, synthetic = candidate.path.parent, manifest.training_data.synthetic
    write_text(folder / f"{CARD_NAME}.md", card.to_markdown())
    write_page(folder / f"{CARD_NAME}.html", TEMPLATE, synthetic, card=card)
    write_traced(candidate.graph, manifest, candidate.path)
    return manifest


def summary_of(manifest: Manifest) -> str:
    """The verdicts as a Markdown table, and what they come to."""
    passed = sum(gate.passed for gate in manifest.gates)
    lines = markdown_table(table_of_gates(manifest.gates))
    return "\n".join([*lines, "", f"{verdict_of(manifest)}: {passed} of {len(manifest.gates)} gates passed"]) + "\n"
