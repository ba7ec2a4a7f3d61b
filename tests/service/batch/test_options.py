"""The words of the command."""

import pytest

from imaging.separation import NodeSeparation
from service.batch.faults import InvalidCohort
from service.batch.options import classify_options, cohort_of, parser, require_sound
from service.options import HeatmapOutput


def parsed(*words):
    """The options that these words mean."""
    return parser().parse_args([*map(str, words), "--out", "out"])


def sound_cohort(arguments):
    """The cases, as the command finds them."""
    require_sound(arguments)
    return cohort_of(arguments)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--embedded"], "--embedded needs --models"),
        (["--embedded", "--models", "m", "--server", "localhost:1"], "no --server"),
        (["--models", "m"], "--models and --engine ray go with --embedded"),
        (["--engine", "ray"], "--models and --engine ray go with --embedded"),
        (["--name", "node"], "--name and --marking go with --dicom"),
        (["--marking", "node"], "--name and --marking go with --dicom"),
        (["--separation", "components"], "which --separation components ignores"),
    ],
)
def test_words_that_contradict_each_other_are_refused(cohort, words, problem):
    """The message tells what goes with what."""
    with pytest.raises(InvalidCohort, match=problem):
        sound_cohort(parsed(cohort, *words))


@pytest.mark.parametrize(
    "word",
    ["--streams=0", "--operating-point=2", "--gpus-per-actor=-1", "--server=here", "--patience=0"],
)
def test_a_word_that_means_nothing_is_refused(word, capsys):
    """Argparse says what is allowed, with exit code 2."""
    with pytest.raises(SystemExit) as stopped:
        parsed("cases.csv", word)

    assert 2 == stopped.value.code
    assert f"argument {word.partition('=')[0]}" in capsys.readouterr().err


def test_nodes_are_told_apart_as_the_cases_speak_of_them(cohort, tmp_path):
    """By value where a table names them or a DICOM study numbers them, else by what touches."""
    folder = cohort.parent
    (tmp_path / "study").mkdir()
    told = [parsed(cohort), parsed(folder), parsed(folder, "--separation", "labels"), parsed(tmp_path, "--dicom")]

    separations = [classify_options(each, cohort_of(each)).separation for each in told]
    labels, components = NodeSeparation.LABELS, NodeSeparation.CONNECTED_COMPONENTS
    assert [labels, components, labels, labels] == separations


def test_heat_maps_are_made_where_they_are_wanted(cohort):
    """They cost the server and the line."""
    found = [classify_options(each, cohort_of(each)) for each in (parsed(cohort), parsed(cohort, "--heatmaps"))]

    assert [HeatmapOutput.NONE, HeatmapOutput.VOLUME] == [options.heatmap_output for options in found]
