"""Cases spread over a Ray cluster."""

import importlib.util
import subprocess
import sys

import pandas
import pytest

from service.score import main
from tests.service.batch.runs import ended, require_same_tables

pytestmark = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs Ray: pip install nodelens[ray]")

DYING = """
import os, sys
from pathlib import Path
from service.batch import ray_engine
from service.score import main

MARKS, LIVES = Path(sys.argv[1]), {"c003": 1, "c005": 3}

class Dying(ray_engine.Actor):
    def score(self, case, job):
        for n in range(LIVES.get(case.name, 0)):
            mark = MARKS / f"{case.name}-{n}"
            if not mark.exists():
                mark.touch()
                os._exit(1)
        return super().score(case, job)

ray_engine.Actor = Dying
sys.exit(main(sys.argv[2:]))
"""
"""The command with workers that die over two cases: once over c003, three times over c005."""

HERE = ["--embedded", "--device", "cpu", "--threads", "1", "--model", "cnn-gap"]


@pytest.fixture(scope="module")
def words(cohort, models):
    """What the engines have in common."""
    return [
        "batch",
        cohort,
        "--embedded",
        "--models",
        models,
        "--device",
        "cpu",
        "--model",
        "cnn-gap",
        "--threads",
        "1",
    ]


@pytest.fixture(scope="module")
def local(words, tmp_path_factory):
    """The results without Ray."""
    out = tmp_path_factory.mktemp("local") / "out"
    assert 0 == main([*map(str, words), "--out", str(out)])
    return out


def test_workers_that_die_do_not_change_the_result(words, local, tmp_path):
    """A case whose worker died is given out again, three times at most; the batch can go on without Ray."""
    marks, out = tmp_path / "marks", tmp_path / "out"
    marks.mkdir()
    process = subprocess.run(
        [sys.executable, "-c", DYING, marks, *words, "--engine", "ray", "--streams", "2", "--out", out],
        capture_output=True,
        text=True,
        check=False,
    )

    assert 1 == process.returncode, process.stderr
    assert "c005: 3 workers of Ray died over this case" in process.stderr
    cases = pandas.read_csv(out / "cases.csv", index_col="case")
    assert ["c005"] == cases.index[cases["outcome"] == "failed"].tolist()
    assert ("WORKER_LOST", 2) == (cases["reason"]["c005"], cases["tries"]["c003"])

    assert 0 == main([*map(str, words), "--out", str(out), "--resume"])
    require_same_tables(local, out)


def test_a_model_that_cannot_be_used_is_told_as_here(words, tmp_path):
    """What is wrong in a process of Ray ends the command with the same line, without a traceback."""
    code, _, err = ended(
        *words[1:], "--model", "resnet50", "--engine", "ray", "--streams", "1", "--out", tmp_path / "out"
    )

    assert 2 == code
    assert "nodelens-score batch: the model or version asked for is not served here" in err
    assert "Traceback" not in err
