"""The gate lets no more in than it has room for, and the oldest job first."""

import asyncio

from worker.engines.gate import Gate, Order


async def test_who_waits_is_let_in_by_order_then_by_arrival() -> None:
    gate, entered = Gate(1), []

    async def visit(order: Order, name: str) -> None:
        async with gate.turn(order):
            entered.append(name)

    async with asyncio.TaskGroup() as group, gate.turn((9,)):
        for order, name in [((5,), "b"), ((7,), "c"), ((5,), "b again"), ((1,), "a")]:
            group.create_task(visit(order, name))
        await asyncio.sleep(0)

    assert entered == ["a", "b", "b again", "c"]
    assert gate.free == 1


async def test_no_more_than_its_size_are_inside_at_once() -> None:
    gate, inside, most = Gate(3), 0, 0

    async def visit(order: Order) -> None:
        nonlocal inside, most
        async with gate.turn(order):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1

    await asyncio.gather(*(visit((place,)) for place in range(20)))

    assert most == 3
    assert gate.free == 3


async def test_cancelling_who_waits_or_who_was_just_let_in_loses_no_turn() -> None:
    gate = Gate(1)
    holder_may_leave = asyncio.Event()

    async def hold() -> None:
        async with gate.turn(()):
            await holder_may_leave.wait()

    async def visit() -> None:
        async with gate.turn((1,)):
            pass

    holder = asyncio.create_task(hold())
    await asyncio.sleep(0)
    waiting, just_let_in, last = (asyncio.create_task(visit()) for _ in range(3))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    holder_may_leave.set()
    await holder  # its leaving lets `just_let_in` in, which has not run since
    just_let_in.cancel()
    await asyncio.gather(waiting, just_let_in, last, return_exceptions=True)

    assert waiting.cancelled()
    assert last.done() and not last.cancelled()
    assert gate.free == 1


async def test_a_smaller_gate_lets_nobody_in_until_enough_have_left_and_a_larger_one_lets_in_at_once() -> None:
    gate, may_leave, inside = Gate(2), [asyncio.Event() for _ in range(5)], []

    async def visit(number: int) -> None:
        async with gate.turn((number,)):
            inside.append(number)
            await may_leave[number].wait()

    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(visit(number))
        await asyncio.sleep(0)
        gate.resize(1)
        for number in (0, 1):
            may_leave[number].set()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert inside == [0, 1, 2]  # two left, one came
        gate.resize(3)
        await asyncio.sleep(0)
        assert inside == [0, 1, 2, 3, 4]
        for event in may_leave:
            event.set()
    assert (gate.size, gate.free, gate.load) == (3, 3, 0)


async def test_a_gate_knows_who_asks_nothing_and_tells_when_nobody_waits_any_more() -> None:
    gate, calls, may_leave = Gate(1), [], asyncio.Event()
    gate.on_thinning.append(lambda: calls.append(gate.load))
    for order in ((1,), (3,)):
        gate.join(order)

    async def visit(order: Order) -> None:
        async with gate.turn(order):
            await may_leave.wait()

    async with asyncio.TaskGroup() as group:
        for order in ((1,), (1,), (2,)):
            group.create_task(visit(order))
        await asyncio.sleep(0)
        assert (gate.load, gate.idle) == (3, ((3,),))  # the second place has not joined
        may_leave.set()
    assert calls == [1, 0]  # when the first left, one still waited behind the second
    assert sorted(gate.idle) == [(1,), (3,)]
    gate.part((1,))
    assert gate.idle == ((3,),)
