"""The command `nodelens-score` on studies in DICOM."""

import json
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import grpc
import pydicom
import pytest
from numpy.testing import assert_allclose

from imaging.crop import EdgePolicy
from imaging.dicom.reader import read_study_folder
from imaging.files import write_image
from nodelens.v1 import node_classifier_service_pb2 as messages
from service.client import NodeClassifier
from service.dicom.kinds import ALL
from service.instances.asking import DicomQuestion
from service.options import ClassifyOptions
from service.score import main
from tests.service.instances.sent import ct, seg_study, stored, structure_study, whole_scan
from tests.service.scans import request
from tests.service.servers import running_server

PAD = ClassifyOptions(edge_policy=EdgePolicy.PAD)
OBJECTS = ["parametric-map.dcm", "sc-1.dcm", "sc-2.dcm", "seg.dcm", "sr.dcm"]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A folder with a CT, a SEG, and files that are none of both."""
    folder = tmp_path_factory.mktemp("Canary-Carla-4711")
    for n, data in enumerate(seg_study()):
        (folder / f"{n}.dcm").write_bytes(data)
    (folder / "readme.txt").write_text("of Monday")
    return folder


@pytest.fixture
def score(study, server, tmp_path, capsys):
    """Runs the command on a study; tells exit code, output, error output and the folder of results."""

    def run(*options, folder=study, address=server.address):
        words = ["--dicom", str(folder), "--server", address, "--model", "cnn-gap", "--out", str(tmp_path / "out")]
        code = main([*words, *options])
        printed = capsys.readouterr()
        return code, printed.out, printed.err, tmp_path / "out"

    return run


def nodes(folder):
    """What the run found."""
    return json.loads((folder / "findings.json").read_text())["nodes"]


def scores(folder):
    """The probabilities of the scored nodes."""
    return [node["probability"] for node in nodes(folder) if node["probability"] is not None]


def probabilities(found):
    """Of the scored nodes, in order."""
    return [node.score.probability for node in found.nodes if node.score]


def names(folder):
    """The files of a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_one_study_gets_one_probability_however_it_comes(score, server, stub, tmp_path):
    """As DICOM that is read here or there, as NIfTI, and as raw voxels."""
    volume, mask = whole_scan()
    write_image(tmp_path / "ct.nii.gz", volume.hu, volume.geometry)
    write_image(tmp_path / "mask.nii.gz", mask.labels, mask.geometry)
    images = [str(tmp_path / name) for name in ("ct.nii.gz", "mask.nii.gz")]
    main([*images, "--server", server.address, "--model", "cnn-gap", "--out", str(tmp_path / "nifti")])
    with NodeClassifier(server.address) as classifier:
        there = classifier.classify_dicom(seg_study(), "cnn-gap").found
    raw = stub.Classify(request(volume, mask)).classification

    expected = [node.probability for node in raw.nodes if node.probability]
    assert 0 == score()[0]
    assert_allclose(scores(tmp_path / "out"), expected, atol=1e-5)
    assert_allclose(scores(tmp_path / "nifti"), expected, atol=1e-5)
    assert_allclose(probabilities(there), expected, atol=1e-5)


def test_a_real_study_gets_one_probability_however_it_comes(real_data, tmp_path, models):
    """A leg with a sarcoma, drawn as contours: read there, and read here and sent in part."""
    folder = real_data / "sarcoma" / "STS_002-dicom"
    if not folder.is_dir():
        pytest.skip("needs sarcoma/STS_002-dicom among the real CTs")
    study = read_study_folder(folder)
    with (
        running_server(models, tmp_path / "log", "--allow-research") as large,
        NodeClassifier(large.address) as classifier,
    ):
        part = classifier.classify(study.volume, study.mask, "cnn-gap", options=PAD)
        answer = classifier.classify_dicom(folder, "cnn-gap", question=DicomQuestion(PAD))

    assert_allclose(probabilities(part), probabilities(answer.found), atol=1e-5)
    assert len(part.nodes) == len(answer.names) > 0


def test_nodes_have_the_names_of_their_segments(score, tmp_path):
    """In the table, in findings.json and in the page: it is the user's own study."""
    _, table, _, out = score("--report", str(tmp_path / "page.html"))

    assert [["station 7"], ["hilar"], ["Canary^Carla"]] == [node["names"] for node in nodes(out)]
    assert [line.split("  ")[-1].strip() for line in table.splitlines() if "marked as" in line] == ["marked as"]
    assert "station 7" in table
    assert "Node 1 (station 7)" in (tmp_path / "page.html").read_text()


def test_segments_are_chosen_by_name_and_can_be_nodes(score):
    """``--name`` repeats; by labels each segment is one node with its own number."""
    _, _, _, out = score("--name", "hilar", "--name", "STATION 7", "--separation", "labels")

    assert [["station 7"], ["hilar"]] == [node["names"] for node in nodes(out)]


def test_one_of_several_markings_is_chosen(score, tmp_path):
    """Without a choice both are told; a UID tells apart what is described alike."""
    both = tmp_path / "both"
    both.mkdir()
    for n, data in enumerate([*seg_study(), structure_study()[0]]):
        (both / str(n)).write_bytes(data)

    assert "choose one by its description" in score(folder=both)[2]
    assert 3 == len(nodes(score("--marking", pydicom.dcmread(both / "0").SOPInstanceUID, folder=both)[3]))


def test_results_are_written_as_dicom(score, tmp_path):
    """They belong to the patient of the study; kinds can be left out, and are then gone."""
    code, _, err, _ = score("--dicom-out", str(tmp_path / "dicom"))
    datasets = [pydicom.dcmread(path) for path in sorted((tmp_path / "dicom").iterdir())]

    assert (0, "") == (code, err)
    assert OBJECTS == names(tmp_path / "dicom")
    assert {("Canary^Carla", ct()[0].StudyInstanceUID)} == {(str(d.PatientName), d.StudyInstanceUID) for d in datasets}
    score("--dicom-out", str(tmp_path / "dicom"), "--dicom-results", "sr,seg")
    assert ["seg.dcm", "sr.dcm"] == names(tmp_path / "dicom")


def test_results_here_are_those_of_the_server(score, server, tmp_path):
    """Report, map, segmentation and pictures have the same UIDs whoever makes them, so that a PACS has them once."""
    score("--dicom-out", str(tmp_path / "dicom"))
    here = {pydicom.dcmread(path).SOPInstanceUID for path in (tmp_path / "dicom").iterdir()}
    with NodeClassifier(server.address) as classifier:
        question = DicomQuestion(results=ALL)
        there = classifier.classify_dicom(seg_study(), "cnn-gap", 1, question).objects

    assert here == {pydicom.dcmread(BytesIO(each.data)).SOPInstanceUID for each in there}


def test_a_study_without_uids_is_refused_before_it_is_sent(score, tmp_path):
    """Its results in DICOM would belong to nothing; its findings can be had."""
    folder = tmp_path / "nameless"
    folder.mkdir()
    for n, data in enumerate(seg_study()):
        dataset = pydicom.dcmread(BytesIO(data))
        dataset.StudyInstanceUID = ""
        (folder / str(n)).write_bytes(stored(dataset)[0])

    code, _, err, _ = score("--dicom-out", str(tmp_path / "dicom"), folder=folder, address="127.0.0.1:1")

    assert (2, True) == (code, "the CT lacks StudyInstanceUID" in err)
    assert 0 == score(folder=folder)[0]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--name", "axilla"], "nothing is marked as 'axilla'; there is 'station 7'"),
        (["--marking", "other"], "no segmentation or structure set has this description"),
        (["--model", "vgg"], "no model vgg"),
    ],
)
def test_what_cannot_be_had_is_one_clear_line(score, options, reason):
    """It is told together with what there is."""
    code, out, err, _ = score(*options)

    assert (2, "", 1) == (code, out, err.count("\n"))
    assert reason in err


def test_a_folder_without_study_is_one_clear_line(score, tmp_path):
    """Whether it is missing, empty, or lacks what marks the nodes."""
    (tmp_path / "ct").mkdir()
    for n, data in enumerate(seg_study()[1:]):
        (tmp_path / "ct" / str(n)).write_bytes(data)

    assert "no such folder" in score(folder=tmp_path / "missing")[2]
    assert "there is no segmentation (SEG) or structure set (RTSTRUCT)" in score(folder=tmp_path / "ct")[2]


def test_words_that_do_not_go_together_are_refused_before_anything_is_read(capsys):
    """With the exit code of a wrong command line."""
    with pytest.raises(SystemExit) as stopped:
        main(["ct.nii.gz", "mask.nii.gz", "--out", "out", "--dicom", "study"])

    assert 2 == stopped.value.code
    assert "--dicom: takes the place of CT and MASK" in capsys.readouterr().err


def test_only_pixels_and_places_leave(score, server, stub):
    """What goes over the wire holds neither the patient, nor a UID, nor the name of a segment."""
    received = []
    listed = stub.ListModels(messages.ListModelsRequest())

    def write_down(requests, context):
        received.extend(requests)
        context.abort(grpc.StatusCode.CANCELLED, "enough")

    methods = {
        "ListModels": grpc.unary_unary_rpc_method_handler(
            lambda request, context: listed.SerializeToString(), None, None
        ),
        "ClassifyStream": grpc.stream_unary_rpc_method_handler(write_down),
    }
    curious = grpc.server(ThreadPoolExecutor(2))
    curious.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("nodelens.v1.NodeClassifierService", methods)]
    )
    port = curious.add_insecure_port("127.0.0.1:0")
    curious.start()
    assert 2 == score(address=f"127.0.0.1:{port}")[0]
    curious.stop(None).wait()

    sent = b"".join(received)
    uids = [ct()[0].get(name) for name in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "PatientID")]
    assert len(sent) > 1000
    assert [] == [word for word in ("Canary", "station 7", "hilar", *uids) if word.encode() in sent]
