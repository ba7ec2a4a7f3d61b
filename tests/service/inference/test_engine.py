"""Networks, asked by several at once."""

import asyncio
import gc
import weakref
from contextlib import asynccontextmanager

import numpy as np
import pytest

from service.inference.engine import Engine
from service.inference.options import InferenceOptions
from service.metrics import Metrics
from service.model import Device, load_model
from tests.service.inference.graphs import ENDLESS, FAILING, QUICK, SLOW, crop, obedient
from tests.training.networks.trained import crops_of

LIMIT_S = 60


def value(metrics, name, **labels):
    """A sample's value."""
    return metrics.registry.get_sample_value(name, labels)


def batches(metrics):
    """How many batches were run, and the slices of all."""
    return value(metrics, "nodelens_batch_size_count"), value(metrics, "nodelens_batch_size_sum")


def told(work, **options):
    """What ``work`` returns, which is given an engine and its metrics."""

    async def run():
        metrics = Metrics()
        with Engine(InferenceOptions(**options), metrics) as engine:
            return await asyncio.wait_for(work(engine, metrics), LIMIT_S)

    return asyncio.run(run())


async def answers(engine, model, crops):
    """What the network says about each crop."""
    return (await engine.ask(model, crops)).crops


@asynccontextmanager
async def busy(engine, model):
    """A device that is busy until the end of the block."""
    blocker = await asked(engine, model, crop(ENDLESS))
    await until_taken(engine)
    yield
    blocker.cancel()
    await asyncio.wait([blocker])


async def asked(engine, model, *crops):
    """A task that waits for answers; the crops are in line."""
    task = asyncio.create_task(answers(engine, model, crops))
    await asyncio.sleep(0)
    return task


async def until_taken(engine):
    """Wait until the device has taken all that was in line."""
    while engine.waiting:
        await asyncio.sleep(0.001)


def test_company_does_not_matter(models):
    """A request alone, and among others over several batches, gets the same probabilities and maps to 1e-5."""
    model = load_model(models / "cnn-gap" / "1" / "model.onnx", Device.CPU, 1)
    crops = crops_of(32, 18, seed=5)[0].reshape(6, 3, 32, 32)

    async def ask(engine, metrics):
        alone = [await answers(engine, model, [each]) for each in crops]
        together = await asyncio.gather(*(answers(engine, model, [each]) for each in crops))
        return alone, together

    for [alone], [together] in zip(*told(ask, max_batch=4), strict=True):
        a, b = (1 / (1 + np.exp(-answer.logits)) for answer in (alone, together))
        np.testing.assert_allclose(a, b, atol=1e-5)
        np.testing.assert_allclose(alone.heatmaps, together.heatmaps, atol=1e-5 * alone.heatmaps.max())


def test_who_waits_together_runs_together(model):
    """Five requests that come while the device is busy share the next run, and each gets its own answer."""

    async def ask(engine, metrics):
        async with busy(engine, model):
            tasks = [await asked(engine, model, crop(n / 8)) for n in range(5)]
        answers = await asyncio.gather(*tasks)
        return [float(answer.logits[0]) for [answer] in answers], batches(metrics)

    assert ([n / 8 for n in range(5)], (1, 5)) == told(ask, max_batch=8)


def test_an_idle_device_waits_for_nobody(model):
    """Requests one after the other are batches of their own, and are timed."""

    async def ask(engine, metrics):
        for _ in range(3):
            await answers(engine, model, [crop(QUICK)])
        return batches(metrics), value(metrics, "nodelens_stage_seconds_count", stage="queue")

    assert ((3, 3), 3) == told(ask)


def test_nothing_is_asked_about_nothing(model):
    """Without crops there is no run."""

    async def ask(engine, metrics):
        return await answers(engine, model, []), batches(metrics)

    assert ([], (0, 0)) == told(ask)


def test_a_failure_is_its_own(model):
    """A request that makes the run fail gets the error; the others of its batch are answered."""

    async def ask(engine, metrics):
        async with busy(engine, model):
            tasks = [await asked(engine, model, crop(v)) for v in (0.25, FAILING, 0.75)]
        return await asyncio.gather(*tasks, return_exceptions=True)

    [first], error, [last] = told(ask)
    assert (0.25, 0.75) == (first.logits[0], last.logits[0])
    assert "Gather" in str(error)


def test_who_leaves_the_line_is_not_run(model):
    """A cancelled request is in no batch, and its nodes are counted as spared."""

    async def ask(engine, metrics):
        async with busy(engine, model):
            stays, leaves = (
                await asked(engine, model, crop(QUICK)),
                await asked(engine, model, crop(QUICK), crop(QUICK)),
            )
            leaves.cancel()
            await asyncio.wait([leaves])
            spared = value(metrics, "nodelens_nodes_cancelled_total")
        await stays
        return spared, batches(metrics)

    assert (2, (1, 1)) == told(ask)


def test_a_run_for_nobody_is_ended(model):
    """A run that would take hours ends when its only request is cancelled; the next one is answered."""

    async def ask(engine, metrics):
        async with busy(engine, model):
            pass
        return (await answers(engine, model, [crop(QUICK)]))[0].logits.tolist()

    assert [QUICK] == told(ask)


def test_a_run_for_others_goes_on(model):
    """When one of two requests in a run is cancelled, the other one is answered by that run."""

    async def ask(engine, metrics):
        async with busy(engine, model):
            leaves, stays = await asked(engine, model, crop(SLOW)), await asked(engine, model, crop(QUICK))
        await until_taken(engine)
        leaves.cancel()
        [answer] = await stays
        return answer.logits.tolist(), batches(metrics)

    assert ([QUICK], (1, 2)) == told(ask)


def test_large_requests_let_small_ones_pass(model):
    """A request of many batches does not hold up one that comes after it."""

    async def ask(engine, metrics):
        finished = []
        async with busy(engine, model):
            tasks = [await asked(engine, model, crop(QUICK, count)) for count in (40, 1)]
            for name, task in zip(("large", "small"), tasks, strict=True):
                task.add_done_callback(lambda _, name=name: finished.append(name))
        await asyncio.gather(*tasks)
        return finished

    assert ["small", "large"] == told(ask, max_batch=4)


@pytest.mark.parametrize("shape", [(3, 8, 9), (8, 8), (0, 8, 8)])
def test_other_shapes_are_refused(model, shape):
    """What the model cannot take never comes into a batch."""

    async def ask(engine, metrics):
        await answers(engine, model, [np.zeros(shape, np.float32)])

    with pytest.raises(ValueError, match=r"must have the shape \(slices, 8, 8\)"):
        told(ask)


def test_a_retired_model_is_forgotten(tmp_path):
    """Nothing of the engine keeps a model alive; what still waits for it fails."""

    async def ask(engine, metrics):
        model = obedient(tmp_path)
        gone = weakref.finalize(model.session, lambda: None)
        async with busy(engine, model):
            late = await asked(engine, model, crop(QUICK))
            engine.retire(model)
            told_to_late = [str(error) for error in await asyncio.gather(late, return_exceptions=True)]
        del model, late
        while gone.alive:
            gc.collect()
            await asyncio.sleep(0.01)
        return told_to_late

    assert ["the model is no longer served"] == told(ask)


def test_the_end_ends_all(model):
    """Closing ends a run of hours, and who waits is told."""

    async def ask(engine, metrics):
        running = await asked(engine, model, crop(ENDLESS))
        await until_taken(engine)
        waiting = await asked(engine, model, crop(QUICK))
        await asyncio.to_thread(engine.close)
        return await asyncio.gather(running, waiting, return_exceptions=True)

    assert ["the engine has ended"] * 2 == [str(error) for error in told(ask, max_batch=1)]
