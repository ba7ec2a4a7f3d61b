"""Places, bytes and turns."""

import asyncio
import contextlib

import pytest

from service.admission.gate import Gate
from service.admission.limits import Limits
from service.faults import NotServing, Overloaded, RequestTooLarge
from service.metrics import Metrics


class Room:
    """A gate for one request at work and one more, 100 bytes together, and what it tells."""

    def __init__(self):
        self.metrics = Metrics()
        self.gate = Gate(Limits(1, 1, 100, 1, 1, 1.0, 1.0), self.metrics)

    @property
    def told(self):
        """Requests that wait, and bytes held."""
        names = ("nodelens_queue_depth", "nodelens_in_flight_bytes")
        return tuple(int(self.metrics.registry.get_sample_value(name)) for name in names)


def test_bytes_are_held_until_the_end():
    """What was admitted is told; an error gives it back as well."""

    async def scene():
        room = Room()
        with contextlib.suppress(KeyError), room.gate.admitted(60), room.gate.admitted(40):
            assert (0, 100) == room.told
            raise KeyError
        assert (0, 0) == room.told

    asyncio.run(scene())


def test_there_are_so_many_places():
    """A third request is refused, and told when to come back; nobody is disturbed by it."""

    async def scene():
        gate = Room().gate
        with gate.admitted(1):
            with gate.admitted(1), pytest.raises(Overloaded, match="2 requests are here") as error, gate.admitted(1):
                pass
            assert error.value.retry_s > 0
            with gate.admitted(1):
                pass

    asyncio.run(scene())


def test_there_are_so_many_bytes():
    """What does not fit now may come again; what never fits must be made smaller."""

    async def scene():
        gate = Room().gate
        full = pytest.raises(Overloaded, match="hold 60 of 100 bytes, this one takes 41")
        with gate.admitted(60), full, gate.admitted(41):
            pass
        with pytest.raises(RequestTooLarge, match="send a smaller part"), gate.admitted(101):
            pass

    asyncio.run(scene())


def test_a_request_that_turns_out_to_be_larger_takes_more_bytes():
    """What it holds is told, and all of it is given back; where there is no room, it keeps what it had."""

    async def scene():
        room = Room()
        with room.gate.admitted(20), room.gate.admitted(30) as place:
            place.hold(80)
            assert (0, 100) == room.told
            with pytest.raises(Overloaded, match="hold 20 of 100 bytes, this one takes 81"):
                place.hold(81)
            with pytest.raises(RequestTooLarge, match="takes 101 bytes"):
                place.hold(101)
            place.hold(10)
            assert (0, 30) == room.told
        assert (0, 0) == room.told

    asyncio.run(scene())


def test_turns_come_in_order():
    """One works, the next waits and is told as waiting, and works when the first has gone."""

    async def scene():
        room, order = Room(), []

        async def visit(name, until):
            with room.gate.admitted(1) as place:
                await place.turn()
                order.append(name)
                await until.wait()

        ends = asyncio.Event(), asyncio.Event()
        visits = [asyncio.create_task(visit(n, end)) for n, end in enumerate(ends)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert ([0], (1, 2)) == (order, room.told)
        for end in ends:
            end.set()
        await asyncio.gather(*visits)
        assert ([0, 1], (0, 0)) == (order, room.told)

    asyncio.run(scene())


def test_who_waits_in_vain_leaves_no_trace():
    """A request that is cancelled in the queue gives back its place and bytes; the turn goes on to the next."""

    async def scene():
        room = Room()
        with room.gate.admitted(1) as first:
            await first.turn()

            async def wait():
                with room.gate.admitted(1) as second:
                    await second.turn()

            with pytest.raises(TimeoutError):
                await asyncio.wait_for(wait(), 0.01)
            assert (0, 1) == room.told
        with room.gate.admitted(1) as third:
            await third.turn()

    asyncio.run(scene())


def test_a_closed_gate_lets_out_but_not_in():
    """Newcomers are told when to ask again; those inside finish, and the gate knows when all have."""

    async def scene():
        gate = Room().gate
        with gate.admitted(1) as place:
            gate.close(NotServing("the end", 2.0))
            with pytest.raises(NotServing, match="the end"), gate.admitted(1):
                pass
            await place.turn()
            emptied = asyncio.create_task(gate.emptied())
            await asyncio.sleep(0)
            assert not emptied.done()
        await emptied
        gate.open()
        with gate.admitted(1):
            gate.require_open()

    asyncio.run(scene())


def test_a_refusal_keeps_nothing_of_the_one_before():
    """Each is an error of its own: one that is raised again would hold all that was refused before."""
    gate = Room().gate
    gate.close(NotServing("the end", 2.0))
    refusals = []
    for _ in range(2):
        with pytest.raises(NotServing, match="the end") as refused:
            gate.require_open()
        refusals.append(refused.value)

    assert refusals[0] is not refusals[1]
    assert [2.0, 2.0] == [each.retry_s for each in refusals]
