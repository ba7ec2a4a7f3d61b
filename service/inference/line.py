"""The line of requests that wait for the device."""

import time
from collections import deque
from threading import Condition

from service.inference.ticket import Batch, Part, Ticket


class Line:
    """
    Tickets in the order of their turn, from which batches are taken; safe to use from several threads.

    A batch has slices of one model only: that of the ticket whose turn it is. What does not fit waits for a later
    batch, behind all others, so that a request of hundreds of nodes cannot hold up one of a single node for long.

    Args:
        max_batch: Most slices of a batch.
        max_delay_s: How long a batch waits to be filled.
    """

    def __init__(self, max_batch: int, max_delay_s: float) -> None:
        self._max_batch = max_batch
        self._max_delay_s = max_delay_s
        self._tickets: deque[Ticket] = deque()
        self._changed = Condition()
        self._closed = False

    def put(self, ticket: Ticket) -> None:
        """Add a ticket at the end."""
        with self._changed:
            if self._closed:
                ticket.fail(RuntimeError("the engine has ended"))
                return
            self._tickets.append(ticket)
            self._changed.notify()

    @property
    def length(self) -> int:
        """Slices that wait."""
        with self._changed:
            return sum(ticket.waiting for ticket in self._tickets)

    def leave(self, ticket: Ticket) -> None:
        """Take a ticket out of the line, if it is still there."""
        with self._changed:
            if ticket in self._tickets:
                self._tickets.remove(ticket)

    def leave_all(self, model: object) -> list[Ticket]:
        """Take all tickets of a model out of the line."""
        with self._changed:
            leaving = [ticket for ticket in self._tickets if ticket.model is model]
            self._tickets = deque(ticket for ticket in self._tickets if ticket.model is not model)
            return leaving

    def take(self) -> Batch | None:
        """The next batch, as soon as there is one; None when the line has been closed."""
        with self._changed:
            while not self._closed:
                if self._tickets and self._full_or_due():
                    return self._batch()
                self._changed.wait(self._delay_left() if self._tickets else None)
            return None

    def close(self) -> list[Ticket]:
        """Let nobody in any more; the tickets that were waiting."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            waiting, self._tickets = list(self._tickets), deque()
            return waiting

    def _full_or_due(self) -> bool:
        return self._delay_left() <= 0 or sum(ticket.waiting for ticket in self._same()) >= self._max_batch

    def _delay_left(self) -> float:
        return self._tickets[0].since + self._max_delay_s - time.perf_counter()

    def _same(self) -> list[Ticket]:
        """The tickets for the model whose turn it is."""
        return [ticket for ticket in self._tickets if ticket.model is self._tickets[0].model]

    def _batch(self) -> Batch:
        parts: list[Part] = []
        room = self._max_batch
        for ticket in self._same():
            if not room:
                break
            slices = ticket.take(room)
            room -= len(slices)
            parts.append(Part(ticket, slices))
            self._tickets.remove(ticket)
            if ticket.waiting:
                self._tickets.append(ticket)
        return Batch(parts)
