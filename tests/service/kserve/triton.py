"""
Triton's client at work on a server, in a process of its own: its messages have the same names as ours.

``python -m tests.service.kserve.triton ADDRESS CROPS.npy FOLDER`` writes ``told.json`` and an array for each output.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

NAMES = ("logits", "heatmaps", "evidence")


def main(address: str, crops_path: str, folder: str) -> None:
    """Ask all that the client can ask, and run ``cnn-gap`` 1 on crops."""
    # Not above: pytest imports this module too, beside our own messages.
    from tritonclient.grpc import InferenceServerClient

    crops = np.load(crops_path)
    with InferenceServerClient(address) as client:
        told = {
            "live": client.is_server_live(),
            "ready": client.is_server_ready(),
            "model ready": client.is_model_ready("cnn-gap", "1"),
            "broken ready": client.is_model_ready("broken"),
            "server": client.get_server_metadata(as_json=True),
            "model": client.get_model_metadata("cnn-gap", as_json=True),
            "index": client.get_model_repository_index(as_json=True),
            "refusals": [refusal(client, *asked) for asked in wrong(crops)],
        }
        result = infer(client, crops, model_version="1", request_id="study-7")
        told |= {"id": result.get_response().id, "notices": sorted(result.get_response().parameters)}
        for name in NAMES:
            np.save(Path(folder) / f"{name}.npy", result.as_numpy(name))
        some = infer(client, crops[:2], outputs=["evidence", "logits"]).get_response()
        told["some"] = [output.name for output in some.outputs]
    (Path(folder) / "told.json").write_text(json.dumps(told))


def infer(
    client: Any,
    crops: Any,
    model: str = "cnn-gap",
    name: str = "crops",
    datatype: str = "FP32",
    outputs: Any = None,
    **fields: Any,
) -> Any:
    """A run on crops, which are sent under the given name."""
    from tritonclient.grpc import InferInput, InferRequestedOutput

    sent = InferInput(name, list(crops.shape), datatype)
    sent.set_data_from_numpy(crops)
    wanted = [InferRequestedOutput(each) for each in outputs] if outputs else None
    return client.infer(model, [sent], outputs=wanted, **fields)


def wrong(crops: Any) -> list[tuple[Any, dict[str, Any]]]:
    """What must be refused: crops, and how they are sent."""
    return [
        (crops, {"model": "vgg"}),
        (crops, {"model_version": "9"}),
        (crops, {"model_version": "newest"}),
        (crops, {"name": "images"}),
        (crops.astype(np.float64), {"datatype": "FP64"}),
        (crops[..., :-1], {}),
        (crops[0], {}),
        (np.repeat(crops, 257 // len(crops) + 1, axis=0), {}),
        (crops, {"outputs": ["probabilities"]}),
        (crops * 350 - 135, {}),
        (crops * np.float32("nan"), {}),
    ]


def refusal(client: Any, crops: Any, fields: dict[str, Any]) -> list[str]:
    """Code and words of a run that is refused."""
    from tritonclient.utils import InferenceServerException

    try:
        infer(client, crops, **fields)
    except InferenceServerException as error:
        return [str(error.status()), error.message()]
    return ["OK", ""]


if __name__ == "__main__":
    main(*sys.argv[1:])
