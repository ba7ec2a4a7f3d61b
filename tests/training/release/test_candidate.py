"""A run on its way to a model file."""

import argparse

import pytest

from tests.training.release.known import OWN, facts
from training.errors import InvalidOptions
from training.release.candidate import Candidate, add_model_options
from training.release.facts import Facts


@pytest.fixture(scope="module")
def candidate(fitted, tmp_path_factory):
    """A small run that is to become the third version of a model."""
    models = tmp_path_factory.mktemp("models")
    for number in (1, 2):
        (models / "nodes" / str(number)).mkdir(parents=True)
    return Candidate.of(words([str(fitted), "--models", str(models), "--name", "nodes"]))


def words(given):
    """Parsed options."""
    parser = argparse.ArgumentParser()
    add_model_options(parser)
    return parser.parse_args(given)


def test_it_takes_the_next_version(candidate):
    """After 1 and 2 comes 3; nothing is written yet."""
    assert 3 == candidate.version
    assert ("nodes", "3", "model.onnx") == candidate.path.parts[-3:]
    assert not candidate.path.exists()


def test_it_knows_itself(candidate):
    """Phantoms are counted, leaks looked for, and the graph compared on every held-out node."""
    own = candidate.own()

    assert (0, 0, 20) == (own.crossing_patients, own.crossing_duplicates, own.phantoms)
    assert len(candidate.held_out.labels) == own.node_count == candidate.graph.crop_count / 3
    assert 0 <= own.probability_difference <= 1e-5
    assert own.labels is None


def test_what_is_known_is_in_the_manifest(candidate):
    """Held-out metrics always, those out of fold and of baselines where they are known, each with its data."""
    alone = candidate.manifest(Facts(OWN), ()).metrics
    known = candidate.manifest(facts(), ()).metrics

    assert ["auc", "auc of size alone", "auc of short axis alone"] == [metric.name for metric in alone]
    assert {"out-of-fold auc", "out-of-fold auc of short axis alone", "out-of-fold auc of radiomics LR"} < {
        metric.name for metric in known
    }
    assert all("synthetic phantoms" in metric.data for metric in known)


def test_a_name_that_climbs_is_refused(fitted, tmp_path):
    """A model lies in the folder of models."""
    with pytest.raises(InvalidOptions, match="plain folder name"):
        Candidate.of(words([str(fitted), "--models", str(tmp_path), "--name", "../up"]))


def test_what_was_learnt_from_is_in_the_manifest(candidate):
    """Every training node is counted in each of its features, and every held-out node in the probabilities."""
    data = candidate.manifest(Facts(OWN), ()).training_data
    counted = {each.feature: sum(each.counts) for each in data.distribution}

    assert {data.node_count} == {counted[name] for name in ("mean_hu", "short_axis_mm", "volume_mm3")}
    assert {data.patient_count} == {counted[f"spacing_{axis}_mm"] for axis in "xyz"}
    assert len(candidate.held_out.labels) == counted["probability"]
