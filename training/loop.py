"""The training loop, in the order of time."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn.utils import convert_conv2d_weight_memory_format
from tqdm import tqdm

from training.augment import augmented
from training.config import Purpose, RunConfig
from training.crops import NodeCrops
from training.device import multiplies_bfloat16
from training.errors import InvalidOptions
from training.networks.catalogue import build_network
from training.networks.network import NodeNetwork
from training.predict import aggregated, slice_logits
from training.run import Epoch, Run, best_of, is_finished
from training.split import require_fair
from training.weights import load_pretrained


def fit_network(run: Run, crops: NodeCrops, device: torch.device, weights: Path | None = None) -> None:
    """
    Train until the run is finished; go on where it was stopped.

    Chance depends on nothing but the seed and the number of the epoch, so that a run that was stopped, by whatever
    means, ends with the weights of one that was not (on CUDA up to rounding, which is not repeatable there).

    Args:
        run: Where to write, and all choices.
        crops: Of the cohort that the run's split is about.
        device: Where to compute.
        weights: File of pretrained weights, if the run's choices have its digest.

    Raises:
        InvalidCases: what is left of a part after dropping lacks a class, or one node is in two parts.
        InvalidOptions: the loss is no longer finite.
        InvalidWeights: the file is not what was asked for.
    """
    config = run.config
    parts = crops.rows_of(run.split)
    if config.purpose is not Purpose.LEAK:
        require_fair(crops.cases, parts, crops.pixels)
    network = _initial_network(config, weights).to(device)
    optimiser = torch.optim.Adam(network.parameters(), lr=config.learning_rate)
    history = _resumed(run, network, optimiser)
    forward = torch.compile(network) if device.type == "cuda" else network
    slices = _Slices(crops, parts.training, config, device)

    with tqdm(total=config.epoch_count * slices.count, initial=len(history) * slices.count, unit="slice") as bar:
        while not is_finished(history, config):
            number = len(history) + 1
            bar.set_description(f"epoch {number}/{config.epoch_count}")
            network.train()
            loss_sum = 0.0
            for pixels, labels in slices.batches(number):
                loss_sum += _step(forward, optimiser, pixels, labels) * len(labels)
                bar.update(len(labels))

            epoch = Epoch(number, loss_sum / slices.count, *_validated(network, crops, parts.validation, config))
            bar.set_postfix(loss=f"{epoch.training_loss:.3f}", val_auc=f"{epoch.validation_auc:.3f}")
            history = (*history, epoch)
            if best_of(history, config) is epoch:
                run.save_best(network.state_dict())
            run.save_history(history)
            run.save_checkpoint(number, network.state_dict(), optimiser.state_dict())


def _step(
    forward: Callable[[Tensor], Tensor], optimiser: torch.optim.Optimizer, pixels: Tensor, labels: Tensor
) -> float:
    """Learn from one batch; its loss before that."""
    with torch.autocast(pixels.device.type, torch.bfloat16, enabled=multiplies_bfloat16(pixels.device)):
        logits = forward(pixels)
    loss = F.binary_cross_entropy_with_logits(logits.float(), labels)
    optimiser.zero_grad()
    torch.autograd.backward(loss)
    optimiser.step()
    return loss.item()


class _Slices:
    """
    The slices of the training part, in another order in each epoch.

    Attributes:
        count: Of slices.
    """

    def __init__(self, crops: NodeCrops, rows: Sequence[int], config: RunConfig, device: torch.device) -> None:
        self._crops, self._rows, self._config, self._device = crops, np.array(rows), config, device
        self._per_node = crops.pixels.shape[1]
        self.count = len(rows) * self._per_node

    def batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Pixels (n, 1, rows, columns) and labels (n, 1); from here on chance is that of this epoch."""
        generator = torch.manual_seed(_seed(self._config.seed, epoch))
        for batch in torch.split(torch.randperm(self.count, generator=generator), self._config.batch_size):
            nodes, slices = self._rows[batch.numpy() // self._per_node], batch.numpy() % self._per_node
            pixels = torch.from_numpy(self._crops.pixels[nodes, slices][:, None]).to(self._device)
            labels = torch.from_numpy(self._crops.labels[nodes, None]).to(self._device, torch.float32)
            yield (augmented(pixels, generator) if self._config.augmented else pixels), labels


def _initial_network(config: RunConfig, weights: Path | None) -> NodeNetwork:
    torch.manual_seed(_seed(config.seed, 0))
    network = build_network(config.network, config.spec.input_shape_px)
    if weights is not None and config.weights_sha256 is not None:
        load_pretrained(network, weights, config.weights_sha256)
    # On two cores, channels-last takes 0.75 of the time, and bfloat16 0.6 of the rest.
    convert_conv2d_weight_memory_format(network, torch.channels_last)
    return network


def _resumed(run: Run, network: NodeNetwork, optimiser: torch.optim.Optimizer) -> tuple[Epoch, ...]:
    """The epochs that are done, after putting network and optimiser where they were."""
    checkpoint = run.checkpoint()
    if checkpoint is None:
        return ()
    network.load_state_dict(checkpoint.network)
    optimiser.load_state_dict(checkpoint.optimiser)
    return run.history()[: checkpoint.epoch]


def _validated(network: NodeNetwork, crops: NodeCrops, rows: Sequence[int], config: RunConfig) -> tuple[float, float]:
    """Loss of slices and AUC of nodes."""
    logits = slice_logits(network, crops.pixels[list(rows)])
    labels = crops.labels[list(rows)]
    if not np.isfinite(logits).all():
        raise InvalidOptions("the loss is no longer finite; try a lower --learning-rate")
    # log(1 + e^x) - y x is the cross-entropy.
    loss = float((np.logaddexp(0.0, logits) - labels[:, None] * logits).mean())
    return loss, float(roc_auc_score(labels, aggregated(logits, config.spec.aggregation)))


def _seed(seed: int, epoch: int) -> int:
    """A seed of each epoch; epoch 0 is for the weights."""
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0] >> np.uint64(1))
