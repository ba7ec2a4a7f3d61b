"""The words about DICOM studies, and what goes together."""

import argparse

import pytest

from service.dicom.choices import add_arguments, problem_of
from service.dicom.kinds import ALL, ResultKind


def parsed(*words):
    """What a command line means."""
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("ct", nargs="?")
    parser.add_argument("mask", nargs="?")
    parser.add_argument("--labels")
    add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "CT and MASK are required, or --dicom FOLDER"),
        (("ct",), "CT and MASK are required"),
        (("ct", "mask", "--name", "LN"), "--name: needs --dicom"),
        (("ct", "mask", "--marking", "nodes"), "--marking: needs --dicom"),
        (("ct", "mask", "--dicom-out", "d"), "--dicom-out: needs --dicom"),
        (("ct", "mask", "--dicom", "d"), "takes the place of CT and MASK"),
        (("ct", "--dicom", "d"), "takes the place of CT and MASK"),
        (("--dicom", "d", "--labels", "1"), "with --dicom use --name"),
    ],
)
def test_what_does_not_go_together_is_said(words, says):
    """The option is named, and what to do."""
    assert says in problem_of(parsed(*words))


@pytest.mark.parametrize("words", [("ct", "mask"), ("--dicom", "d"), ("--dicom", "d", "--name", "a", "--name", "b")])
def test_what_goes_together_has_no_problem(words):
    """A CT with its mask, or a study."""
    assert "" == problem_of(parsed(*words))


def test_results_are_all_unless_some_are_named():
    """A site leaves out what it does not want."""
    assert ALL == parsed().dicom_results
    assert {ResultKind.SR, ResultKind.SEG} == parsed("--dicom-results", "sr,seg").dicom_results
    with pytest.raises(argparse.ArgumentError, match="there is no pdf; there are sr, parametric-map, seg, sc"):
        parsed("--dicom-results", "sr,pdf")
