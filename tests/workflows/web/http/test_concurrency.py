"""A bounded queue: who comes in, who waits, who is sent away, and that each place is given back."""

from collections.abc import Callable, Coroutine

import anyio
import anyio.lowlevel
import pytest

from workflows.web.http.concurrency import ConcurrencyLimit, OverCapacityError


async def sent_away(limit: ConcurrencyLimit) -> str:
    try:
        async with limit.slot():
            return ""
    except OverCapacityError as error:
        return str(error)


async def free_places_are_taken_and_given_back() -> None:
    limit = ConcurrencyLimit(running=2, queued=0, patience=60.0)
    for _ in range(3):
        async with limit.slot(), limit.slot():
            assert await sent_away(limit) == "too many wait"
    assert await sent_away(limit) == ""


async def who_waits_comes_in_when_somebody_leaves() -> None:
    limit = ConcurrencyLimit(running=1, queued=2, patience=60.0)
    came: list[int] = []

    async def come(number: int) -> None:
        async with limit.slot():
            came.append(number)
            await anyio.sleep(0.02)

    async with anyio.create_task_group() as tasks:
        for number in range(3):
            tasks.start_soon(come, number)
            await anyio.lowlevel.checkpoint()
    assert came == [0, 1, 2], "first come, first served"


async def who_waited_in_vain_leaves_the_queue() -> None:
    limit = ConcurrencyLimit(running=1, queued=1, patience=0.02)
    async with limit.slot():
        for _ in range(3):
            assert await sent_away(limit) == "none became free"
    assert await sent_away(limit) == ""


async def an_error_inside_gives_the_place_back() -> None:
    limit = ConcurrencyLimit(running=1, queued=0, patience=60.0)
    with pytest.raises(ZeroDivisionError):
        async with limit.slot():
            raise ZeroDivisionError
    assert await sent_away(limit) == ""


@pytest.mark.parametrize(
    "story",
    [
        free_places_are_taken_and_given_back,
        who_waits_comes_in_when_somebody_leaves,
        who_waited_in_vain_leaves_the_queue,
        an_error_inside_gives_the_place_back,
    ],
    ids=lambda story: story.__name__,
)
def test_a_queue_of_places(story: Callable[[], Coroutine[None, None, None]]) -> None:
    anyio.run(story)
