"""The command `nodelens-score`, from real files to real files."""

import json

import numpy as np
import pytest
import SimpleITK as sitk
from numpy.testing import assert_allclose

from imaging.files import write_image
from imaging.geometry import Geometry
from imaging.mask import NodeMask
from imaging.volume import Volume
from service.client import NodeClassifier
from service.score import main
from tests.imaging.scenes import axis_orders, mask_in_order, volume_in_order
from tests.imaging.series import write_series
from tests.service.scans import GRID, empty_mask, scan

RESULTS = ["findings.json", "heatmap.nii.gz", "node-1.png", "node-3.png"]


def whole_hu():
    """The scan in whole Hounsfield units, as scanners store it, and its mask with the labels 5, 6 and 7."""
    volume, mask = scan()
    labels = np.where(mask.labels > 0, mask.labels + 4, 0).astype(np.uint8)
    return Volume(volume.hu.round().astype(np.int16), GRID), NodeMask(labels, GRID)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """One scan as NIfTI, NRRD, MetaImage and DICOM, its mask, and what is wrong in many ways."""
    folder = tmp_path_factory.mktemp("Canary-Carla-4711")
    volume, mask = whole_hu()
    for suffix in ("nii.gz", "nrrd", "mha"):
        write_image(folder / f"ct.{suffix}", volume.hu, GRID)
    turned, turned_mask = (
        each(own, list(axis_orders())[29])
        for each, own in zip((volume_in_order, mask_in_order), (volume, mask), strict=True)
    )
    write_image(folder / "turned.nii.gz", turned.hu, turned.geometry)
    write_image(folder / "turned-mask.nrrd", turned_mask.labels, turned_mask.geometry)
    write_series(folder / "dicom", volume)
    write_image(folder / "mask.nii.gz", mask.labels, GRID)
    write_image(folder / "empty.nii.gz", empty_mask().labels, GRID)
    write_image(folder / "elsewhere.nii.gz", mask.labels, Geometry(GRID.shape, GRID.spacing_mm, (900.0, 0.0, 0.0)))
    write_image(folder / "fractions.nii.gz", mask.labels * 0.1, GRID)
    write_image(folder / "nan.nrrd", np.where(mask.labels > 0, np.nan, volume.hu).astype(np.float32), GRID)
    sitk.WriteImage(sitk.GetImageFromArray(volume.hu[3]), folder / "flat.nii.gz")
    (folder / "text.nii.gz").write_text("not an image")
    (folder / "no-series").mkdir()
    return folder


@pytest.fixture
def score(files, server, tmp_path, capsys):
    """Runs the command on files by name; tells exit code, output, error output and the folder of results."""

    def run(ct, mask, *options, address=server.address):
        words = [str(files / ct), str(files / mask), "--server", address, "--model", "cnn-gap", "--out"]
        code = main([*words, str(tmp_path / "out"), *options])
        printed = capsys.readouterr()
        return code, printed.out, printed.err, tmp_path / "out"

    return run


def findings(folder):
    """What the run found."""
    return json.loads((folder / "findings.json").read_text())


def names(folder):
    """The files of the results."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def expected(server):
    """What the Python client gets for the same scan without any file."""
    with NodeClassifier(server.address) as classifier:
        return [node.score and node.score.probability for node in classifier.classify(*whole_hu(), "cnn-gap").nodes]


@pytest.mark.parametrize(
    ("ct", "mask"),
    [(f"ct.{end}", "mask.nii.gz") for end in ("nii.gz", "nrrd", "mha")]
    + [("dicom", "mask.nii.gz"), ("turned.nii.gz", "turned-mask.nrrd"), ("turned.nii.gz", "mask.nii.gz")],
)
def test_every_format_gives_the_same_findings(score, expected, ct, mask):
    """NIfTI, NRRD, MetaImage, a DICOM folder and other axis orders of one CT get the same probabilities."""
    code, _, err, out = score(ct, mask)
    found = findings(out)

    assert (0, "", RESULTS) == (code, err, names(out))
    assert ["scored", "at edge", "scored"] == [node["status"] for node in found["nodes"]]
    assert_allclose([node["probability"] for node in found["nodes"][::2]], expected[::2], atol=1e-5)
    assert_allclose(found["nodes"][0]["centroid_lps_mm"], (3.7, 33.3, 51.2), atol=0.5)


def test_the_heat_map_lies_on_the_grid_of_the_ct(score, files):
    """Origin, spacing, direction and size of heatmap.nii.gz are the CT's own, and its peak is near the node."""
    _, _, _, out = score("turned.nii.gz", "mask.nii.gz")

    ct, heat = (sitk.ReadImage(path) for path in (files / "turned.nii.gz", out / "heatmap.nii.gz"))
    assert ct.GetSize() == heat.GetSize()
    for ask in ("GetOrigin", "GetSpacing", "GetDirection"):
        assert_allclose(getattr(heat, ask)(), getattr(ct, ask)(), atol=1e-5)
    values = sitk.GetArrayFromImage(heat)
    k, j, i = np.unravel_index(values.argmax(), values.shape)
    place = np.asarray(heat.TransformIndexToPhysicalPoint((int(i), int(j), int(k))))
    assert values.max() > 0
    assert np.abs(place - findings(out)["nodes"][0]["centroid_lps_mm"]).max() < 12


def test_the_whole_volume_gives_the_same_findings(score):
    """``--whole-volume`` changes how long it takes, and nothing else."""
    whole = findings(score("ct.nii.gz", "mask.nii.gz", "--whole-volume")[3])
    part = findings(score("ct.nii.gz", "mask.nii.gz")[3])

    for a, b in zip(whole["nodes"], part["nodes"], strict=True):
        assert (a["status"], a["call"], a["notices"]) == (b["status"], b["call"], b["notices"])
        assert (a["probability"] or 0) == pytest.approx(b["probability"] or 0, abs=1e-5)
        assert a["measurements"] == pytest.approx(b["measurements"])


def test_the_table_is_printed(score):
    """Research use comes first, then a line for each node, then where the results are."""
    _, table, _, out = score("ct.nii.gz", "mask.nii.gz", "--model", "cnn")
    lines = table.splitlines()

    assert "Research use only. Not a diagnosis." == lines[0]
    assert "phantoms" in lines[1]
    assert ["1", "2", "3"] == [line.split()[0] for line in lines[5:8]]
    assert f"Results are in {out}" == lines[-1]


def test_only_the_named_labels_are_scored(score):
    """``--labels`` leaves the others out, with their own numbers where a label is a node."""
    _, _, _, out = score("ct.nii.gz", "mask.nii.gz", "--labels", "5,7", "--separation", "labels")

    assert [5, 7] == [node["label"] for node in findings(out)["nodes"]]


def test_the_edge_can_be_padded_and_the_operating_point_moved(score):
    """``--edge pad`` scores the node at the edge; a point of 0 calls every node metastatic."""
    _, _, _, out = score("ct.nii.gz", "mask.nii.gz", "--edge", "pad", "--operating-point", "0")

    assert ["metastatic"] * 3 == [node["call"] for node in findings(out)["nodes"]]
    assert "node-2.png" in names(out)


def test_an_empty_mask_is_no_error(score):
    """It is said, and the findings have no node."""
    code, table, err, out = score("ct.nii.gz", "empty.nii.gz")

    assert (0, "") == (code, err)
    assert "the mask marks nothing" in table
    assert [] == findings(out)["nodes"]
    assert ["findings.json", "heatmap.nii.gz"] == names(out)


def test_neither_patient_nor_path_is_in_the_results_or_in_the_servers_log(score, server, files, tmp_path):
    """Names and identifiers of the DICOM files, and where they lie, stay behind."""
    _, _, _, out = score("dicom", "mask.nii.gz")

    told = (out / "findings.json").read_text() + server.log.read_text()
    assert not [word for word in ("Canary", "CANARY", str(tmp_path), "mask.nii") if word in told]


BAD_INPUTS = [
    ("missing.nii.gz", "mask.nii.gz", "no such file"),
    ("text.nii.gz", "mask.nii.gz", "not a readable NIfTI"),
    ("flat.nii.gz", "mask.nii.gz", "2 axes"),
    ("nan.nrrd", "mask.nii.gz", "finite Hounsfield units"),
    ("no-series", "mask.nii.gz", "no CT image"),
    ("dicom/0000.dcm", "mask.nii.gz", "name the folder"),
    ("ct.nii.gz", "missing.nii.gz", "no such file"),
    ("ct.nii.gz", "fractions.nii.gz", "whole numbers"),
    ("ct.nii.gz", "elsewhere.nii.gz", "belong to one series"),
]


@pytest.mark.parametrize(("ct", "mask", "reason"), BAD_INPUTS)
def test_bad_input_is_one_clear_line(score, ct, mask, reason):
    """The exit code is 2, the reason stands in one line on stderr, and there are no results."""
    code, out, err, folder = score(ct, mask)

    assert (2, "") == (code, out)
    assert 1 == err.count("\n")
    assert err.startswith("nodelens-score: ")
    assert reason in err
    assert not folder.exists() or [] == names(folder)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--labels", "5,9"], "no label 9; it has 5, 6, 7"),
        (["--model", "resnet50"], "no model resnet50; it has"),
        (["--model-version", "9"], "no model cnn-gap 9"),
        (["--model", "broken"], "not ready: "),
        (["--operating-point", "2"], "options.operating_point: must be in [0, 1]"),
        (["--timeout", "0.0001"], "did not answer within 0.0001 s"),
    ],
)
def test_a_choice_that_cannot_be_had_is_one_clear_line(score, options, reason):
    """What the mask, the server or the model does not have is told together with what there is."""
    code, _, err, _ = score("ct.nii.gz", "mask.nii.gz", *options)

    assert (2, 1) == (code, err.count("\n"))
    assert reason in err


def test_a_server_that_is_not_there_is_named(score):
    """The line has the address and says what to start."""
    code, _, err, _ = score("ct.nii.gz", "mask.nii.gz", address="127.0.0.1:1")

    assert (2, True) == (code, "127.0.0.1:1" in err)
    assert "nodelens-serve" in err


@pytest.mark.parametrize(
    "option",
    [
        ["--labels", "a"],
        ["--labels", "0"],
        ["--timeout", "0"],
        ["--server", "localhost"],
        ["--server", "http://localhost:50051"],
        ["--edge", "cut"],
    ],
)
def test_an_option_that_means_nothing_is_refused_before_any_file_is_read(option, capsys):
    """Argparse says what is allowed, with exit code 2."""
    with pytest.raises(SystemExit) as stopped:
        main(["ct.nii.gz", "mask.nii.gz", "--out", "out", *option])

    assert 2 == stopped.value.code
    assert f"argument {option[0]}" in capsys.readouterr().err


def test_an_output_folder_that_cannot_be_made_is_told(score, tmp_path):
    """A file is in its place."""
    (tmp_path / "out").write_text("")

    code, _, err, _ = score("ct.nii.gz", "mask.nii.gz")

    assert 2 == code
    assert "File exists" in err
