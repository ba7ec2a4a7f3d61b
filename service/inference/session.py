"""A graph in ONNX Runtime, the only module that knows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

FATAL = 4
"""Of ONNX Runtime's log levels: where there is no CUDA it writes pages of errors, and we say it in one line."""

CUDA = "CUDAExecutionProvider"
CPU = "CPUExecutionProvider"

INPUT = "crops"
OUTPUTS = ("logits", "heatmaps")


@dataclass(frozen=True, slots=True)
class CudaOptions:
    """
    How much of a GPU one model may have, and how exactly it computes.

    Attributes:
        memory_bytes: Limit of the arena, of each model.
        tf32: Whether products are rounded to 10 bits of mantissa: faster, and further from what was exported.
    """

    memory_bytes: int = 4 * 2**30
    tf32: bool = False

    def provider(self) -> tuple[str, dict[str, str]]:
        """
        ONNX Runtime's options.

        The arena takes what a run needs and not the next power of two. The search for the convolution's algorithm is
        by cuDNN's rules: the default tries all of them at every new shape, for seconds and with much memory.
        """
        return CUDA, {
            "gpu_mem_limit": str(self.memory_bytes),
            "arena_extend_strategy": "kSameAsRequested",
            "cudnn_conv_algo_search": "HEURISTIC",
            "use_tf32": str(int(self.tf32)),
        }


DEFAULT_CUDA = CudaOptions()


class Stop:
    """Ends a run from another thread: at its next node ONNX Runtime raises."""

    def __init__(self) -> None:
        self.options = onnxruntime.RunOptions()
        self.options.log_severity_level = FATAL

    def set(self) -> None:
        """End the run, or never begin it."""
        self.options.terminate = True


class Session:
    """
    A graph that is ready to run; safe to use from several threads.

    Args:
        path: The file.
        thread_count: Threads of one run.
        cuda: How to use a GPU; None computes on the CPU. Where there is none, the CPU computes.

    Attributes:
        provider: ONNX Runtime's name of what it computes on.
    """

    def __init__(self, path: Path, thread_count: int, cuda: CudaOptions | None) -> None:
        onnxruntime.set_default_logger_severity(FATAL)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = thread_count
        options.inter_op_num_threads = 1
        options.log_severity_level = FATAL
        # Threads that spin between two operators take the cores from those that cut crops for the next batch.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        usable = cuda is not None and CUDA in onnxruntime.get_available_providers()
        providers = [cuda.provider(), CPU] if cuda is not None and usable else [CPU]
        self._session: Any = onnxruntime.InferenceSession(path, options, providers=providers)
        self.provider = str(self._session.get_providers()[0])

    @property
    def metadata(self) -> Mapping[str, str]:
        """What the file says about itself."""
        metadata: dict[str, str] = self._session.get_modelmeta().custom_metadata_map
        return metadata

    def run(
        self, slices: Sequence[NDArray[np.float32]], stop: Stop | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """
        Run the graph once.

        Args:
            slices: Each (1, rows, columns).
            stop: Ends the run.

        Returns:
            Logits (n, 1) and heat maps (n, cells, cells), on the CPU.
        """
        count = len(slices)
        batch = np.zeros((self.padded(count), *slices[0].shape), dtype=np.float32)
        np.stack(slices, out=batch[:count])
        binding = self._session.io_binding()
        binding.bind_cpu_input(INPUT, batch)
        # The copy to a GPU has only been queued; on the CPU there is none.
        binding.synchronize_inputs()
        for name in OUTPUTS:
            binding.bind_output(name)
        self._session.run_with_iobinding(binding, (stop or Stop()).options)
        logits, heatmaps = binding.copy_outputs_to_cpu()
        return logits[:count], heatmaps[:count]

    @property
    def inputs(self) -> Sequence[Any]:
        """Names and shapes of what the graph takes, as ONNX Runtime tells them."""
        told: Sequence[Any] = self._session.get_inputs()
        return told

    @property
    def outputs(self) -> Sequence[Any]:
        """Likewise of all it gives, which may be more than `OUTPUTS`."""
        told: Sequence[Any] = self._session.get_outputs()
        return told

    def run_for(self, names: Sequence[str], crops: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """Some outputs by name, for crops (n, 1, rows, columns)."""
        found: list[NDArray[np.float32]] = self._session.run(list(names), {INPUT: crops})
        return found

    def padded(self, count: int) -> int:
        """
        Slices of the batch that is run for so many.

        On a GPU the next power of two: for each new shape cuDNN chooses algorithms and the arena grows, and padding is
        nearly free there. On the CPU as many as there are: shapes cost nothing, and each slice costs its time.
        """
        return 1 << (count - 1).bit_length() if self.provider == CUDA else count

    def sizes(self, largest: int) -> list[int]:
        """The batches to run before the first request: on a GPU all that may come, on the CPU the two ends."""
        sizes = [1 << n for n in range(largest.bit_length())] if self.provider == CUDA else [1, largest]
        return sorted(set(sizes))
