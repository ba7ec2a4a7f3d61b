"""Graphs in ONNX Runtime."""

from threading import Thread

import numpy as np
import onnxruntime
import pytest

from service.inference.session import CPU, CUDA, CudaOptions, Session, Stop
from tests.service.inference.graphs import ENDLESS, crop, write_obedient
from tests.training.networks.trained import crops_of


def test_bound_runs_are_plain_runs(models):
    """A run with bound inputs and outputs gives what a plain run of the file gives."""
    path = models / "cnn-gap" / "1" / "model.onnx"
    crops = crops_of(32, 5)[0]
    plain = onnxruntime.InferenceSession(path, providers=[CPU]).run(["logits", "heatmaps"], {"crops": crops})

    for expected, actual in zip(plain, Session(path, 1, None).run(list(crops)), strict=True):
        np.testing.assert_allclose(actual, expected, atol=1e-6)


def test_a_run_can_be_stopped(tmp_path):
    """A run that would take hours ends with an error as soon as it is told to; the session runs on."""
    session = Session(write_obedient(tmp_path / "model.onnx"), 1, None)
    stop, errors = Stop(), []

    def run():
        with pytest.raises(RuntimeError, match="terminate flag") as caught:
            session.run([crop(ENDLESS)], stop)
        errors.append(caught.value)

    thread = Thread(target=run)
    thread.start()
    stop.set()
    thread.join(30)

    assert 1 == len(errors)
    assert 0.25 == session.run([crop(0.25)])[0]


def test_the_gpu_is_given_limits():
    """Memory is limited, grows by what is needed, and products are exact unless told otherwise."""
    name, options = CudaOptions(2**30).provider()

    assert CUDA == name
    assert {"gpu_mem_limit": "1073741824", "arena_extend_strategy": "kSameAsRequested", "use_tf32": "0"}.items() <= (
        options.items()
    )
    assert "EXHAUSTIVE" != options["cudnn_conv_algo_search"]
    assert "1" == CudaOptions(tf32=True).provider()[1]["use_tf32"]


def test_the_cpu_pads_nothing(tmp_path):
    """On the CPU a batch is as large as what is in it, and only the two ends are run before the first request."""
    session = Session(write_obedient(tmp_path / "model.onnx"), 1, None)

    assert [1, 5, 31] == [session.padded(count) for count in (1, 5, 31)]
    assert [1, 32] == session.sizes(32)
    assert [1] == session.sizes(1)


def test_a_gpu_sees_few_shapes(tmp_path):
    """For a GPU batches are padded to powers of two, all of which are run before the first request."""
    session = Session(write_obedient(tmp_path / "model.onnx"), 1, None)
    session.provider = CUDA

    assert [1, 2, 4, 8, 8, 32] == [session.padded(count) for count in (1, 2, 3, 5, 8, 31)]
    assert [1, 2, 4, 8, 16, 32] == session.sizes(32)
    logits, heatmaps = session.run([crop(n / 4) for n in range(3)])
    assert [0.0, 0.25, 0.5] == logits[:, 0].tolist()
    assert (3, 8, 8) == heatmaps.shape
