"""A folder of small models."""

from pathlib import Path

from imaging.spec import PreprocessingSpec
from tests.imaging.manifests import manifest
from tests.training.networks.trained import crops_of, trained_network
from training.onnx_file import write_model

SPEC = PreprocessingSpec(side_mm=24.0, input_shape_px=(32, 32))


def write_models(folder: Path) -> Path:
    """
    Models ``cnn`` 1 and ``cnn-gap`` 1 and 2 of 32 x 32 inputs, and two that cannot be served.

    ``cnn`` learnt from phantoms; ``cnn-gap`` 2 did not pass its gates.
    """
    crops = crops_of(32, 6)[0]
    for name, version, changes in (("cnn", 1, {}), ("cnn-gap", 1, {}), ("cnn-gap", 2, {"gates": ()})):
        told = manifest(name=name, version=version, network=name, preprocessing=SPEC, **changes)
        write_model(trained_network(name), told, crops, folder / name / str(version) / "model.onnx")
    whole = (folder / "cnn" / "1" / "model.onnx").read_bytes()
    for name, content in (("broken", b"not a model"), ("misplaced", whole)):
        (folder / name / "1").mkdir(parents=True)
        (folder / name / "1" / "model.onnx").write_bytes(content)
    return folder
