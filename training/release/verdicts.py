"""The verdicts of a release beside its model file, for those who compare models."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from imaging.atomic import write_text
from imaging.manifest import Manifest
from training.errors import InvalidRun

FILE_NAME = "gates.json"


@dataclass(frozen=True, slots=True)
class Verdicts:
    """
    What a model was held to.

    Attributes:
        model: Name, version and whether it is released, in words.
        gates: The verdict of each, by name.
    """

    model: str
    gates: Mapping[str, str]


def write_verdicts(folder: Path, manifest: Manifest, predictions_digest: str) -> None:
    """Write ``gates.json``; the digest is of the predictions out of fold that the model was held to."""
    content = {
        "model": manifest.name,
        "version": manifest.version,
        "synthetic": manifest.training_data.synthetic,
        "released": manifest.released,
        "predictions_sha256": predictions_digest,
        "gates": [{**asdict(gate), "verdict": gate.verdict} for gate in manifest.gates],
    }
    write_text(folder / FILE_NAME, json.dumps(content, indent=1) + "\n")


def read_verdicts(folders: Iterable[Path], names: Mapping[str, str]) -> dict[str, Verdicts]:
    """
    The verdicts that `release` wrote, by the name of the cross-validation that they are about.

    Args:
        folders: Of versions of models.
        names: Of cross-validations, by the SHA-256 of their tables of predictions.

    Raises:
        InvalidRun: there are none, they are about none of the cross-validations, or two are about one.
    """
    found = {}
    for folder in folders:
        path = folder / FILE_NAME
        if not path.is_file():
            raise InvalidRun(f"{folder} has no {FILE_NAME}; run `nodelens-train release` again")
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            digest, released = plain["predictions_sha256"], "released" if plain["released"] else "not released"
            gates = {gate["name"]: str(gate["verdict"]) for gate in plain["gates"]}
            model = f"{plain['model']}, version {plain['version']}: {released}"
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidRun(f"{path} is damaged, or older than this release; write it again") from error
        if digest not in names:
            raise InvalidRun(f"{folder} was held to none of these cross-validations; give its --crossval too")
        if names[digest] in found:
            raise InvalidRun(f"{folder} was held to {names[digest]}, as another version was; give one of them only")
        found[names[digest]] = Verdicts(model, gates)
    return found
