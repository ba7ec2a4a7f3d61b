"""The training loop, in the order of time."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn.utils import convert_conv2d_weight_memory_format
from tqdm import tqdm

from training.augment import augmented
from training.config import Purpose, RunConfig
from training.course import Epoch, is_finished
from training.crops import NodeCrops
from training.device import multiplies_bfloat16
from training.errors import InvalidOptions
from training.guidance import Guided
from training.networks.catalogue import build_network
from training.networks.network import NodeNetwork
from training.predict import aggregated, slice_logits
from training.run import Run
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
    forward = _forward(network, config, device)
    slices = _Slices(crops, parts.training, config, device)

    with tqdm(total=config.epoch_count * slices.count, initial=len(history) * slices.count, unit="slice") as bar:
        while not is_finished(history, config):
            number = len(history) + 1
            bar.set_description(f"epoch {number}/{config.epoch_count}")
            network.train()
            loss_sum, learnt = 0.0, np.empty(slices.count)
            for places, pixels, labels in slices.batches(number):
                loss, learnt[places] = _step(forward, optimiser, pixels, labels, config.guidance)
                loss_sum += loss * len(labels)
                bar.update(len(labels))
            validated = _validated(network, crops, parts.validation, config)
            epoch = Epoch(number, loss_sum / slices.count, *validated, slices.auc(learnt))
            bar.set_postfix(loss=f"{epoch.training_loss:.3f}", val_auc=f"{epoch.validation_auc:.3f}")
            history = (*history, epoch)
            run.save_epoch(history, network.state_dict(), optimiser.state_dict())


def _forward(network: NodeNetwork, config: RunConfig, device: torch.device) -> Callable[[Tensor], Tensor]:
    """What learns: the network, guided if that was chosen, compiled where that pays."""
    taught = Guided(network, config.spec.input_shape_px) if config.guidance > 0 else network
    return torch.compile(taught) if device.type == "cuda" else taught


def _step(
    forward: Callable[[Tensor], Tensor],
    optimiser: torch.optim.Optimizer,
    pixels: Tensor,
    labels: Tensor,
    guidance: float,
) -> tuple[float, NDArray[np.float64]]:
    """Learn from one batch; its cross-entropy and its logits, (n,), before that."""
    with torch.autocast(pixels.device.type, torch.bfloat16, enabled=multiplies_bfloat16(pixels.device)):
        answers = forward(pixels).float()
    loss = F.binary_cross_entropy_with_logits(answers[:, :1], labels)
    beside = answers[:, 1:].sum() / len(labels)
    optimiser.zero_grad()
    torch.autograd.backward(loss + guidance * beside if guidance > 0 else loss)
    optimiser.step()
    return loss.item(), answers.detach().double().cpu().numpy()[:, 0]


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

    def batches(self, epoch: int) -> Iterator[tuple[NDArray[np.int64], Tensor, Tensor]]:
        """
        Places among all slices, (n,), pixels (n, 1, rows, columns) and labels (n, 1).

        From here on chance is that of this epoch. With guidance, node masks are a second channel of the pixels.
        """
        generator = torch.manual_seed(_seed(self._config.seed, epoch))
        for batch in torch.split(torch.randperm(self.count, generator=generator), self._config.batch_size):
            nodes, slices = self._rows[batch.numpy() // self._per_node], batch.numpy() % self._per_node
            channels = [self._crops.pixels[nodes, slices]]
            if self._config.guidance > 0:
                channels.append(self._crops.node_masks[nodes, slices].astype(np.float32))
            pixels = torch.from_numpy(np.stack(channels, axis=1)).to(self._device)
            labels = torch.from_numpy(self._crops.labels[nodes, None]).to(self._device, torch.float32)
            yield batch.numpy(), (augmented(pixels, generator) if self._config.augmented else pixels), labels

    def auc(self, logits: NDArray[np.float64]) -> float:
        """AUC of the nodes, from the logits of all slices."""
        nodes = aggregated(_finite(logits).reshape(-1, self._per_node), self._config.spec.aggregation)
        return float(roc_auc_score(self._crops.labels[self._rows], nodes))


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
    logits = _finite(slice_logits(network, crops.pixels[list(rows)]))
    labels = crops.labels[list(rows)]
    # log(1 + e^x) - y x is the cross-entropy.
    loss = float((np.logaddexp(0.0, logits) - labels[:, None] * logits).mean())
    return loss, float(roc_auc_score(labels, aggregated(logits, config.spec.aggregation)))


def _finite(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    if not np.isfinite(logits).all():
        raise InvalidOptions("the loss is no longer finite; try a lower --learning-rate")
    return logits


def _seed(seed: int, epoch: int) -> int:
    """A seed of each epoch; epoch 0 is for the weights."""
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0] >> np.uint64(1))
