"""Requests on their way through batches."""

import numpy as np
import pytest

from service.inference.ticket import Batch, Part, Ticket
from tests.service.inference.graphs import crop


def test_answers_come_back_by_crop(model):
    """Whatever batches its slices were in, each crop gets its own answers in its own order."""
    ticket = Ticket(model, [np.concatenate([crop(0.125), crop(0.25)]), crop(0.375), crop(0.5, 3)])
    for room in (1, 4, 9):
        batch = Batch([Part(ticket, ticket.take(room))])
        batch.answer(*batch.run())
    crops = ticket.answer.result(timeout=0).crops

    assert [[0.125, 0.25], [0.375], [0.5] * 3] == [answer.logits.tolist() for answer in crops]
    assert [(2, 8, 8), (1, 8, 8), (3, 8, 8)] == [answer.heatmaps.shape for answer in crops]


def test_a_batch_serves_several(model):
    """Slices of two requests in one run go back to whom they belong."""
    first, second = Ticket(model, [crop(0.25, 2)]), Ticket(model, [crop(0.75)])
    batch = Batch([Part(ticket, ticket.take(9)) for ticket in (first, second)])
    batch.answer(*batch.run())

    assert 3 == batch.size
    assert [0.25, 0.25] == first.answer.result(timeout=0).crops[0].logits.tolist()
    assert [0.75] == second.answer.result(timeout=0).crops[0].logits.tolist()


def test_what_was_not_seen_is_known(model):
    """A crop counts as unanswered until the network has seen its last slice."""
    ticket = Ticket(model, [crop(0.5, 2), crop(0.5, 2)])
    counts = [ticket.unanswered]
    for _ in range(4):
        batch = Batch([Part(ticket, ticket.take(1))])
        batch.answer(*batch.run())
        counts.append(ticket.unanswered)

    assert [2, 2, 1, 1, 0] == counts


def test_a_batch_is_deserted_when_the_last_has_left(model):
    """As long as one waits, the run is wanted."""
    tickets = [Ticket(model, [crop(0.5)]) for _ in range(2)]
    batch = Batch([Part(ticket, ticket.take(1)) for ticket in tickets])
    seen = [batch.deserted]
    for ticket in tickets:
        ticket.dropped = True
        seen.append(batch.deserted)

    assert [False, False, True] == seen


def test_a_failure_is_told_once(model):
    """Who waits gets the error; an answer that comes later changes nothing."""
    ticket = Ticket(model, [crop(0.5)])
    ticket.fail(ValueError("first"))
    ticket.fail(ValueError("second"))

    with pytest.raises(ValueError, match="first"):
        ticket.answer.result(timeout=0)
