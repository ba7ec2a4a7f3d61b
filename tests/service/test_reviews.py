"""Reviews are stored by a real server, and stay stored."""

import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import grpc
import pytest

from imaging.ledger import read_ledger
from imaging.review import Verdict
from nodelens.v1.node_classifier_service_pb2_grpc import NodeClassifierServiceStub
from service.client import NodeClassifier
from service.metrics import Metrics
from service.opinion import NodeInFiles
from service.options import ClassifyOptions
from service.refusal import Refused
from service.reviews import Reviews
from tests.service.opinions import FINDING, called, submission
from tests.service.scans import request, scan
from tests.service.servers import running_server
from tests.service.test_metrics import grown, samples
from tests.service.test_observer import lines
from tests.service.test_servicer_refusals import refusal
from tests.training.cohorts import write_cohort
from training.cases import read_cohort
from training.labels.relabelled import labelled_cohort

CANARY = "Canary^Carla"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """The ledger of the server below."""
    return tmp_path_factory.mktemp("reviews") / "new" / "reviews.jsonl"


@pytest.fixture(scope="module")
def keeper(models, ledger):
    """A server that takes reviews."""
    with running_server(models, ledger.parents[1] / "log.jsonl", "--reviews", str(ledger)) as running:
        yield running


@pytest.fixture(scope="module")
def submit(keeper):
    """Its call."""
    with grpc.insecure_channel(keeper.address) as channel:
        yield NodeClassifierServiceStub(channel).SubmitReview


@contextmanager
def calls(server):
    """The calls of a server."""
    with grpc.insecure_channel(server.address) as channel:
        yield NodeClassifierServiceStub(channel)


def test_a_review_is_in_the_ledger_when_the_call_returns(submit, ledger):
    """The answer tells the revision that ends with it, and the entry has all that was said."""
    answer = submit(submission("whole", comment="fatty hilum", confidence=4))
    entry = read_ledger(ledger).at(answer.revision).reviews[-1]

    assert ("whole", True) == (answer.review_id, answer.stored)
    assert ("whole", "Röntgen", Verdict.BENIGN) == (entry.entry_id, entry.reader, entry.verdict)
    assert ("fatty hilum", 4, FINDING.node) == (entry.reason, entry.confidence, entry.node)


def test_the_same_review_is_stored_once(submit, ledger):
    """Whoever sends it again is told that it is known, and the same revision."""
    first, between, again = submit(submission("twice")), submit(submission("between")), submit(submission("twice"))

    assert (True, False) == (first.stored, again.stored)
    assert first.revision == again.revision < between.revision
    assert between.revision == read_ledger(ledger).revision


@pytest.mark.parametrize("change", [{"verdict": Verdict.METASTATIC}, {"reader": "Curie"}, {"finding": called(None)}])
def test_another_review_under_the_same_id_is_refused(submit, ledger, change):
    """Neither of the two is lost silently."""
    submit(submission("taken"))
    before = ledger.read_bytes()

    assert ("ALREADY_EXISTS", "", "REVIEW_ID_TAKEN") == refusal(submit, submission("taken", **change))[:3]
    assert before == ledger.read_bytes()


def test_reviews_at_once_are_all_stored(submit, ledger):
    """Twenty readers at once get twenty different revisions of one chain."""
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda number: submit(submission(f"many-{number}")), range(20)))

    reviews = read_ledger(ledger).reviews
    assert [f"many-{number}" for number in range(20)] == [reviews[a.revision - 1].entry_id for a in answers]


def test_a_wrong_field_is_refused_by_name(submit, ledger):
    """Nothing of such a review is stored."""
    before = ledger.read_bytes()

    assert ("INVALID_ARGUMENT", "reader", "INVALID_REVIEW") == refusal(submit, submission(reader=""))[:3]
    nowhere = submission(finding=replace(FINDING, label=0))
    assert ("INVALID_ARGUMENT", "finding.label", "INVALID_REVIEW") == refusal(submit, nowhere)[:3]
    assert "INVALID_REQUEST_ID" == refusal(submit, submission("two words"))[2]
    assert before == ledger.read_bytes()


def test_a_server_without_ledger_says_so(stub):
    """The message tells what the operator must do; models answer all the same."""
    code, _, reason, message = refusal(stub.SubmitReview, submission())

    assert ("FAILED_PRECONDITION", "REVIEWS_NOT_TAKEN") == (code, reason)
    assert "--reviews FILE" in message


def test_stored_reviews_are_counted(keeper, submit):
    """By verdict, and by whether the model had said the same; one that is sent again is not counted again."""
    before = samples(keeper)
    for sent in (
        submission("count-1"),
        submission("count-1"),
        submission("count-2", verdict=Verdict.METASTATIC),
        submission("count-3", verdict=Verdict.UNSURE),
    ):
        submit(sent)
    after = samples(keeper)

    for verdict, agrees in (("benign", "no"), ("metastatic", "yes"), ("unsure", "none")):
        assert 1 == grown(before, after, "nodelens_reviews_total", verdict=verdict, agrees=agrees), verdict


def test_what_readers_write_stays_in_the_ledger(keeper, submit, ledger):
    """Names and comments of reviews, taken or refused, reach neither the log nor the metrics."""
    submit(submission("canary", reader=CANARY, comment=CANARY))
    for wrong in ({"reader": CANARY, "comment": CANARY + "\n"}, {"reader": CANARY * 20}):
        assert CANARY not in refusal(submit, submission("canary-2", **wrong))[3]
    assert CANARY not in refusal(submit, submission("canary", reader=CANARY + "2"))[3]
    found = lines(keeper, "canary", 2)

    assert ["OK", "ALREADY_EXISTS"] == [line["code"] for line in found]
    assert CANARY in ledger.read_text()
    assert CANARY not in keeper.log.read_text()
    assert CANARY not in str(samples(keeper))


def test_a_broken_ledger_stops_neither_server_nor_review(keeper, submit, ledger):
    """The call tells to keep the review, the log what is wrong and where; once mended, it is stored."""
    submit(submission("sound"))
    sound = ledger.read_bytes()
    ledger.write_bytes(sound.replace(b'"benign"', b'"unsure"', 1))
    code, _, reason, message = refusal(submit, submission("kept"))
    with calls(keeper) as stub:
        scored = len(stub.Classify(request()).classification.nodes)
    ledger.write_bytes(sound)

    assert ("FAILED_PRECONDITION", "REVIEW_NOT_STORED") == (code, reason)
    assert "keep this one, and send it again" in message
    [told] = [line for line in lines(keeper, "kept", 2) if line["event"] == "reviews cannot be stored"]
    assert ", line 1 " in told["problem"]
    assert 3 == scored
    assert submit(submission("kept")).stored


def test_a_server_starts_without_a_sound_ledger(tmp_path, caplog):
    """What is wrong with it is logged at the start, before a review is lost; no ledger at all is no problem."""
    Reviews(None, Metrics()).check()
    assert "" == caplog.text

    Reviews(tmp_path, Metrics()).check()
    [told] = [record for record in caplog.records if record.message == "reviews cannot be stored"]
    assert "Is a directory" in told.problem


def test_a_killed_server_has_all_that_it_answered(models, tmp_path):
    """After SIGKILL right after an answer the review is there, and a new server goes on with the chain."""
    ledger, log = tmp_path / "reviews.jsonl", tmp_path / "log.jsonl"
    options = ("--reviews", str(ledger))
    with running_server(models, log, *options, exit_code=-signal.SIGKILL) as server, calls(server) as stub:
        for number in range(3):
            stub.SubmitReview(submission(str(number)))
        server.process.kill()
        server.process.wait()
    killed = read_ledger(ledger)
    with ledger.open("ab") as file:
        file.write(b'{"entry_id": "hal')
    with running_server(models, log, *options) as server, calls(server) as stub:
        again, more = stub.SubmitReview(submission("2")), stub.SubmitReview(submission("3"))

    assert ["0", "1", "2"] == [each.entry_id for each in killed.reviews]
    assert (False, 3, True, 4) == (again.stored, again.revision, more.stored, more.revision)
    assert killed == read_ledger(ledger).at(3)


def test_a_review_of_files_changes_a_cohorts_label(keeper, ledger, tmp_path):
    """From the client's answer over the server's ledger to the labels that training reads, by file digests alone."""
    table = write_cohort(tmp_path / "cohort", patient_count=4)
    cohort = read_cohort(table)
    case = cohort.cases[0]
    files = NodeInFiles(cohort.file_digests[case.image], cohort.file_digests[case.mask], case.node)
    with NodeClassifier(keeper.address) as classifier:
        found = classifier.classify(*scan(), "cnn-gap", options=ClassifyOptions())
        receipt = classifier.review(found, found.nodes[0], Verdict.METASTATIC, "Curie", files=files)
    relabelled = labelled_cohort(table, f"{ledger}@{receipt.revision}")

    assert [0, 1, 0, 1] == [each.label for each in cohort.cases]
    assert [1, 1, 0, 1] == [each.label for each in relabelled.cases]


def test_the_client_repeats_the_servers_words(server, keeper):
    """A refusal names the field, or what is missing; a review under the caller's own id can be sent again."""
    with NodeClassifier(keeper.address) as classifier:
        found = classifier.classify(*scan(), "cnn-gap")
        given = [classifier.review(found, found.nodes[0], Verdict.UNSURE, "Curie", review_id="mine") for _ in "ab"]
        with pytest.raises(Refused, match="confidence: must be from 1 to 5"):
            classifier.review(found, found.nodes[0], Verdict.UNSURE, "Curie", confidence=9)
    with NodeClassifier(server.address) as other, pytest.raises(Refused, match="takes no reviews"):
        other.review(found, found.nodes[0], Verdict.UNSURE, "Curie")

    assert [("mine", True), ("mine", False)] == [(each.review_id, each.stored) for each in given]
