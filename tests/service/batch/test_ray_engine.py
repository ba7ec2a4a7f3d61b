"""Cases over workers of Ray, and workers that die."""

import importlib.util
import time
from contextlib import suppress
from threading import Event
from types import SimpleNamespace

import pandas
import psutil
import pytest

from service.batch.attempt import Job
from service.batch.cases import read_table
from service.batch.faults import WorkerLost
from service.batch.ray_engine import RayEngine
from service.faults import UnknownModel
from tests.service.batch.records import OPTIONS
from tests.service.batch.runs import ended, finished, require_same_tables, started
from tests.service.batch.test_streams import Heard

ACTORS = 2


class Lost(Exception):
    """A worker died."""


class Failed(Exception):
    """What was raised in a worker."""

    def __init__(self, cause):
        super().__init__()
        self.cause = cause


class FrailRay:
    """A Ray in this process, whose workers die over the named cases as often as is told; an empty name is the model."""

    exceptions = SimpleNamespace(RayTaskError=Failed, RayError=Lost)

    def __init__(self, **deaths):
        self.deaths, self.resources = deaths, {}

    def remote(self, **resources):
        """The class of actors with these resources."""
        self.resources = resources

        def made(kind):
            return SimpleNamespace(remote=lambda choice: self._actor(kind(choice)))

        return made

    def wait(self, answers, timeout):
        """The answer that was asked for first, and the others."""
        return answers[:1], answers[1:]

    def get(self, answer):
        """What a worker answers."""
        name, call = answer
        if self.deaths.get(name, 0):
            self.deaths[name] -= 1
            raise Lost
        try:
            return call()
        except Exception as error:
            raise Failed(error) from error

    def _actor(self, actor):
        score = SimpleNamespace(remote=lambda case, job: (case.name, lambda: actor.score(case, job)))
        return SimpleNamespace(model=SimpleNamespace(remote=lambda: ("", actor.model)), score=score)


@pytest.fixture
def run(cohort, choice, tmp_path):
    """Scores the cohort by a frail Ray; what the listener heard, and the Ray."""

    def scored(**deaths):
        ray, heard = FrailRay(**deaths), Heard()
        RayEngine(ray, choice, ACTORS, 0.25).run(read_table(cohort).cases, Job(OPTIONS, tmp_path), heard, Event())
        return {record.case: record for record in heard.records}, heard, ray

    return scored


def test_no_case_is_given_out_before_an_actor_is_free(run):
    """Each has its share of a GPU."""
    records, heard, ray = run()

    assert (10, 10) == (len(records), len(heard.sent))
    assert ACTORS == heard.widest
    assert {"num_cpus": 1, "num_gpus": 0.25} == ray.resources


def test_a_lost_case_is_given_out_again(run):
    """As often as is sensible; a case over which every worker dies spoils itself only."""
    records, heard, _ = run(c001=2, c004=99)

    assert [3, 3] == [heard.sent.count(name) for name in ("c001", "c004")]
    assert (True, 3) == (records["c001"].scored, records["c001"].tries)
    assert ("WORKER_LOST", 3) == (records["c004"].reason, records["c004"].tries)
    assert ["c004"] == [name for name, record in records.items() if not record.scored]


def test_a_model_that_cannot_be_loaded_ends_it(cohort, choice, tmp_path):
    """By its own fault, and where the worker dies over it."""
    with pytest.raises(UnknownModel):
        RayEngine(FrailRay(), choice._replace(name="none"), ACTORS, 0)
    ray = FrailRay()
    engine = RayEngine(ray, choice, 1, 0)
    ray.deaths = {"": 9, "c000": 9}
    with pytest.raises(WorkerLost, match="all workers"):
        engine.run(read_table(cohort).cases, Job(OPTIONS, tmp_path), Heard(), Event())
    with pytest.raises(WorkerLost, match="while it loaded the model"):
        RayEngine(FrailRay(**{"": 1}), choice, ACTORS, 0)


def test_a_batch_that_is_told_to_end_gives_nothing_out(cohort, choice, tmp_path):
    """What was given out is finished."""
    stop = Event()
    heard = Heard(stop, after=3)
    RayEngine(FrailRay(), choice, ACTORS, 0).run(read_table(cohort).cases, Job(OPTIONS, tmp_path), heard, stop)

    assert 3 <= len(heard.records) <= 3 + ACTORS
    assert sorted(heard.sent) == sorted(record.case for record in heard.records)


def actors(pid):
    """The processes of Ray below a process that are to hold a model."""
    found = []
    for each in psutil.Process(pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            found += [each] if "ray::Actor" in "".join(each.cmdline()[:1]) else []
    return found


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
def test_a_worker_that_is_killed_changes_nothing(cohort, models, tmp_path):
    """The tables are those of this process; the case it died over was asked for again."""
    words = [cohort, "--embedded", "--models", models, "--device", "cpu", "--threads", 1, "--model", "cnn-gap"]
    assert 0 == ended(*words, "--out", tmp_path / "here")[0]
    out = tmp_path / "ray"
    process = started(*words, "--engine", "ray", "--streams", ACTORS, "--out", out)
    victims = []
    while process.poll() is None and not (victims and finished(out)):
        victims = victims or actors(process.pid)
        time.sleep(0.01)
    assert victims, process.communicate()
    victims[0].kill()
    _, err = process.communicate()

    assert 0 == process.returncode, err
    require_same_tables(tmp_path / "here", out)
    assert 2 == pandas.read_csv(out / "cases.csv")["tries"].max()
