"""The line before the device."""

import threading

import pytest

from service.inference.line import Line
from service.inference.ticket import Ticket
from tests.service.inference.graphs import crop, obedient


def in_line(model, *slices, max_batch=4, max_delay_s=0.0):
    """A line of tickets with so many slices each."""
    line, tickets = Line(max_batch, max_delay_s), [Ticket(model, [crop(0.5, count)]) for count in slices]
    for ticket in tickets:
        line.put(ticket)
    return line, tickets


def sizes(batch, tickets):
    """Which tickets have how many slices in a batch."""
    return [(tickets.index(part.ticket), len(part.slices)) for part in batch.parts]


def test_a_batch_is_filled_in_order(model):
    """First come, first served; what is left of a request goes behind those that waited."""
    line, tickets = in_line(model, 1, 6, 2)

    assert [[(0, 1), (1, 3)], [(2, 2), (1, 2)], [(1, 1)]] == [sizes(line.take(), tickets) for _ in range(3)]
    assert 0 == line.length


def test_models_do_not_mix(model, tmp_path):
    """A batch is of the model whose turn it is; the other is next."""
    line, [first, last] = in_line(model, 1, 1)
    other = Ticket(obedient(tmp_path), [crop(0.5)])
    line.leave(last)
    line.put(other)
    line.put(last)

    assert [[(0, 1), (2, 1)], [(1, 1)]] == [sizes(line.take(), [first, other, last]) for _ in range(2)]


def test_who_leaves_is_not_served(model):
    """A ticket that has left is in no batch."""
    line, tickets = in_line(model, 2, 1)
    line.leave(tickets[0])

    assert [(1, 1)] == sizes(line.take(), tickets)


def test_a_delay_ends_when_the_batch_is_full(model):
    """With an hour to wait, two half batches go at once."""
    line, tickets = in_line(model, 2, 2, max_delay_s=3600)

    assert [(0, 2), (1, 2)] == sizes(line.take(), tickets)


def test_a_delay_ends_with_its_time(model):
    """A batch that nobody fills goes when the time is over."""
    line, tickets = in_line(model, 2, max_delay_s=0.05)

    assert [(0, 2)] == sizes(line.take(), tickets)


def test_a_closed_line_lets_nobody_in(model):
    """Who waits for a batch gets none, who waits for an answer is told, and who comes later too."""
    line, [waiting] = in_line(model, 2, max_delay_s=3600)
    batches = []
    thread = threading.Thread(target=lambda: batches.append(line.take()))
    thread.start()
    left = line.close()
    thread.join(30)
    late = Ticket(model, [crop(0.5)])
    line.put(late)

    assert [None] == batches
    assert [waiting] == left
    with pytest.raises(RuntimeError, match="the engine has ended"):
        late.answer.result(timeout=0)
