"""The training loop, in the order of time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.nn.utils import convert_conv2d_weight_memory_format
from tqdm import tqdm

from training.augment import augmented, view_chance
from training.config import Purpose, RunConfig
from training.course import Epoch, is_finished
from training.crops import NodeCrops
from training.device import multiplies_bfloat16
from training.distributed import add_up_gradients, added_up, first_alone, from_first, leads, own_chance, share
from training.errors import InvalidOptions
from training.guidance import Guided
from training.networks.catalogue import build_network
from training.networks.network import NodeNetwork
from training.predict import aggregated, slice_logits
from training.run import Run
from training.split import Split, require_fair
from training.tracking import Tracker
from training.weights import load_pretrained


def fit_network(run: Run, crops: NodeCrops, device: torch.device, weights: Path | None = None) -> None:
    """
    Train until the run is finished; go on where it was stopped.

    Chance depends on nothing but the seed and the number of the epoch, so that a run that was stopped, by whatever
    means, ends with the weights of one that was not (on CUDA up to rounding). Several processes take the steps of one,
    up to rounding, but for dropout and batch normalisation, which are those of each share.

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
    with first_alone():
        _require_fair(config, crops, parts)
        network = _initial_network(config, weights).to(device)
    optimiser = torch.optim.Adam(network.parameters(), lr=config.learning_rate)
    history = _resumed(run, network, optimiser)
    forward = _forward(network, config, device)
    slices = _Slices(crops, parts.training, config, device)
    with _progress(config.epoch_count, len(history), slices.count) as bar, closing(Tracker(run.folder)) as tracker:
        while not is_finished(history, config):
            number = len(history) + 1
            bar.set_description(f"epoch {number}/{config.epoch_count}")
            network.train()
            logits = np.zeros(slices.count)
            for batch in slices.batches(number):
                logits[batch.places] = _step(forward, optimiser, batch, config.guidance)
                bar.update(batch.size)
            learnt = from_first(partial(slices.judged, added_up(logits)))
            validated = from_first(lambda: _validated(network, crops, parts.validation, config))
            epoch = Epoch(number, learnt.loss, *validated, learnt.auc)
            bar.set_postfix(loss=f"{epoch.training_loss:.3f}", val_auc=f"{epoch.validation_auc:.3f}")
            history = (*history, epoch)
            if leads():
                run.save_epoch(history, network.state_dict(), optimiser.state_dict())
                tracker.record(epoch)


def _require_fair(config: RunConfig, crops: NodeCrops, parts: Split) -> None:
    if config.purpose is not Purpose.LEAK:
        require_fair(crops.cases, parts, crops.pixels)


def _progress(epoch_count: int, done_count: int, slice_count: int) -> "tqdm[None]":
    """A bar of slices; the first process alone shows it."""
    total, done = epoch_count * slice_count, done_count * slice_count
    return tqdm(total=total, initial=done, unit="slice", disable=not leads())


def _forward(network: NodeNetwork, config: RunConfig, device: torch.device) -> Callable[[Tensor], Tensor]:
    """What learns: the network, guided if that was chosen, compiled where that pays."""
    taught = Guided(network, config.spec.input_shape_px) if config.guidance > 0 else network
    return torch.compile(taught) if device.type == "cuda" else taught


class _Batch(NamedTuple):
    """
    This process's share of a batch.

    Attributes:
        size: Of the whole batch.
        places: Among all slices, (n,); without any where the batch is smaller than the number of processes.
        pixels: (n, 1, rows, columns); with guidance, node masks are a second channel.
        labels: (n, 1).
    """

    size: int
    places: NDArray[np.int64]
    pixels: Tensor
    labels: Tensor


class _Judged(NamedTuple):
    """
    How good answers are.

    Attributes:
        loss: Mean binary cross-entropy of a slice, in nats.
        auc: Of nodes.
    """

    loss: float
    auc: float


def _step(
    forward: Callable[[Tensor], Tensor], optimiser: torch.optim.Optimizer, batch: _Batch, guidance: float
) -> NDArray[np.float64]:
    """Learn from one batch; the logits of the share, (n,), before that."""
    optimiser.zero_grad()
    logits = _gradients(forward, batch, guidance) if len(batch.places) else np.empty(0)
    add_up_gradients([parameter for group in optimiser.param_groups for parameter in group["params"]])
    optimiser.step()
    return logits


def _gradients(forward: Callable[[Tensor], Tensor], batch: _Batch, guidance: float) -> NDArray[np.float64]:
    """The share's part of the gradients; its logits, (n,)."""
    with torch.autocast(batch.pixels.device.type, torch.bfloat16, enabled=multiplies_bfloat16(batch.pixels.device)):
        answers = forward(batch.pixels).float()
    loss = F.binary_cross_entropy_with_logits(answers[:, :1], batch.labels, reduction="sum") / batch.size
    beside = answers[:, 1:].sum() / batch.size
    torch.autograd.backward(loss + guidance * beside if guidance > 0 else loss)
    return answers.detach().double().cpu().numpy()[:, 0]


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

    def batches(self, epoch: int) -> Iterator[_Batch]:
        """
        The shares of this process; all shares of an epoch hold each slice once.

        From here on chance is that of this epoch: order and augmentation are the same for any number of processes,
        while each of several has a dropout of its own.
        """
        seed = _seed(self._config.seed, epoch)
        shared = torch.manual_seed(seed)
        order = torch.randperm(self.count, generator=shared).numpy()
        shared = own_chance(shared, seed)
        for start in range(0, self.count, self._config.batch_size):
            batch = order[start : start + self._config.batch_size]
            own = share(len(batch))
            pixels, labels = self._slices(batch[own])
            if self._config.augmented:
                pixels = augmented(pixels, view_chance(len(batch), shared)[own])
            yield _Batch(len(batch), batch[own], pixels, labels)

    def _slices(self, places: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        nodes, slices = self._rows[places // self._per_node], places % self._per_node
        channels = [self._crops.pixels[nodes, slices]]
        if self._config.guidance > 0:
            channels.append(self._crops.node_masks[nodes, slices].astype(np.float32))
        pixels = torch.from_numpy(np.stack(channels, axis=1)).to(self._device)
        return pixels, torch.from_numpy(self._crops.labels[nodes, None]).to(self._device, torch.float32)

    def judged(self, logits: NDArray[np.float64]) -> _Judged:
        """Loss and AUC from the logits of all slices, (slices,)."""
        return _judged(logits.reshape(-1, self._per_node), self._crops.labels[self._rows], self._config)


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


def _validated(network: NodeNetwork, crops: NodeCrops, rows: Sequence[int], config: RunConfig) -> _Judged:
    return _judged(slice_logits(network, crops.pixels[list(rows)]), crops.labels[list(rows)], config)


def _judged(logits: NDArray[np.float64], labels: NDArray[np.int64], config: RunConfig) -> _Judged:
    """Loss and AUC from logits (nodes, slices) and labels (nodes,)."""
    if not np.isfinite(logits).all():
        raise InvalidOptions("the loss is no longer finite; try a lower --learning-rate")
    # log(1 + e^x) - y x is the cross-entropy.
    loss = float((np.logaddexp(0.0, logits) - labels[:, None] * logits).mean())
    return _Judged(loss, float(roc_auc_score(labels, aggregated(logits, config.spec.aggregation))))


def _seed(seed: int, epoch: int) -> int:
    """A seed of each epoch; epoch 0 is for the weights."""
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)[0] >> np.uint64(1))
