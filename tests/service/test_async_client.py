"""The client that awaits, over real connections."""

import asyncio

import pytest
from numpy.testing import assert_array_equal

from imaging.review import Verdict
from service.async_client import AsyncNodeClassifier
from service.client import NodeClassifier
from service.dicom.kinds import ResultKind
from service.faults import UnknownModel
from service.instances.asking import DicomQuestion
from service.options import ClassifyOptions, HeatmapOutput
from service.refusal import Refused, ServerUnreachable, TooSlow
from tests.service.instances.sent import seg_study
from tests.service.scans import scan
from tests.service.servers import running_server

WITH_VOLUME = ClassifyOptions(heatmap_output=HeatmapOutput.VOLUME)


def asked(address, conversation, **options):
    """What a conversation with a client returns."""

    async def connected():
        async with AsyncNodeClassifier(address, **options) as classifier:
            return await conversation(classifier)

    return asyncio.run(connected())


def test_it_answers_as_the_client_that_blocks(server):
    """The same models, nodes and heat."""
    with NodeClassifier(server.address) as classifier:
        listed = classifier.models()
        expected = classifier.classify(*scan(), "cnn-gap", options=WITH_VOLUME)

    async def conversation(client):
        return await client.models(), await client.classify(*scan(), "cnn-gap", options=WITH_VOLUME)

    models, found = asked(server.address, conversation)

    assert listed == models
    assert [node.score for node in expected.nodes] == [node.score for node in found.nodes]
    assert_array_equal(expected.heat.values, found.heat.values)


def test_it_sends_studies_as_the_client_that_blocks(server):
    """The same nodes, names and objects; progress is told up to the end."""
    question, told = DicomQuestion(results=frozenset({ResultKind.SR})), []
    with NodeClassifier(server.address) as classifier:
        expected = classifier.classify_dicom(seg_study(), "cnn-gap", question=question)

    async def conversation(client):
        return await client.classify_dicom(
            seg_study(), "cnn-gap", question=question, progress=lambda sent, total: told.append((sent, total))
        )

    found = asked(server.address, conversation)

    assert [node.score for node in expected.found.nodes] == [node.score for node in found.found.nodes]
    assert expected.names == found.names != {}
    assert [each.data for each in expected.objects] == [each.data for each in found.objects] != []
    assert (sum(map(len, seg_study())),) * 2 == told[-1]


def test_calls_overlap(server):
    """One client can have several answers on their way."""
    progress = []

    async def conversation(client):
        calls = [
            client.classify(*scan(), "cnn-gap", progress=lambda sent, total, n=n: progress.append(n)) for n in range(3)
        ]
        return await asyncio.gather(*calls)

    found = asked(server.address, conversation)

    assert 3 == len({each.request_id for each in found})
    assert {0, 1, 2} == set(progress)


def test_a_call_that_is_cancelled_leaves_the_connection_whole(server):
    """After it the same client gets its answers."""

    async def conversation(client):
        call = asyncio.ensure_future(client.classify(*scan(), "cnn-gap", progress=lambda sent, total: call.cancel()))
        with pytest.raises(asyncio.CancelledError):
            await call
        return await client.classify(*scan(), "cnn-gap")

    assert 3 == len(asked(server.address, conversation).nodes)


def test_failures_are_those_of_the_other_client(server):
    """They are told by the same errors."""

    async def unknown(client):
        await client.model("resnet50")

    async def refused(client):
        await client.classify(*scan(), "cnn-gap", options=ClassifyOptions(operating_point=2.0))

    async def slow(client):
        await client.classify(*scan(), "cnn-gap")

    async def unreachable(client):
        await client.models()

    with pytest.raises(UnknownModel, match="cnn 1"):
        asked(server.address, unknown)
    with pytest.raises(Refused, match=r"options\.operating_point"):
        asked(server.address, refused)
    with pytest.raises(TooSlow, match=r"0\.0001 s"):
        asked(server.address, slow, timeout_s=1e-4)
    with pytest.raises(ServerUnreachable, match="no server answers"):
        asked("127.0.0.1:1", unreachable)


def test_a_review_is_stored(models, tmp_path):
    """What a reader says about a node of an answer is in the ledger when the call returns."""
    ledger = tmp_path / "reviews.jsonl"

    async def conversation(client):
        found = await client.classify(*scan(), "cnn-gap")
        return await client.review(found, found.nodes[0], Verdict.BENIGN, reader="r1", review_id="one")

    with running_server(models, tmp_path / "log.jsonl", "--reviews", str(ledger)) as keeper:
        receipt = asked(keeper.address, conversation)

    assert ("one", True) == (receipt.review_id, receipt.stored)
    assert '"one"' in ledger.read_text()
