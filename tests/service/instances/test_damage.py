"""Whatever a study has become, the server says what is wrong with it, and scores the next."""

import random

import grpc
import pytest

from tests.service.instances.sent import seg_study, stream, structure_study
from tests.service.mutants import ALLOWED

HEADER_BYTES = 3000
"""Of a file, where its attributes stand."""


def damaged(files, rng):
    """The files, one or two of them cut off, overwritten in their header, or with something put in."""
    files = list(files)
    for _ in range(rng.randint(1, 2)):
        n = rng.choice([0, 0, 0, 1, 5, len(files) - 1])
        data = bytearray(files[n])
        match rng.choice(["cut", "overwrite", "overwrite", "insert"]):
            case "cut":
                del data[rng.randrange(len(data)) :]
            case "overwrite":
                for _ in range(rng.randint(1, 6)):
                    data[rng.randrange(132, min(len(data), HEADER_BYTES))] = rng.choice([0, 255, rng.randrange(256)])
            case _:
                place = rng.randrange(len(data))
                data[place:place] = rng.randbytes(rng.randint(1, 40))
        files[n] = bytes(data)
    return [data for data in files if data]


def status(stub, files):
    """How a call ends."""
    try:
        stub.ClassifyDicom(iter(stream(files, 2**20)), timeout=60)
    except grpc.RpcError as error:
        return error.code().name
    return "OK"


@pytest.mark.parametrize("study", [seg_study, structure_study])
def test_a_study_that_chance_changed_ends_with_a_defined_status(stub, study):
    """Never by an error that only a bug has; some are refused; and the next good study is scored as ever."""
    rng = random.Random(7)
    expected = stub.ClassifyDicom(iter(stream(study()))).classification.nodes

    statuses = {status(stub, damaged(study(), rng)) for _ in range(40)}

    assert "INVALID_ARGUMENT" in statuses
    assert statuses <= set(ALLOWED)
    assert list(expected) == list(stub.ClassifyDicom(iter(stream(study()))).classification.nodes)
