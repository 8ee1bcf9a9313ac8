"""A bounded queue: who comes in, who waits, who is sent away, and that each place is given back."""

from collections.abc import Callable, Coroutine

import anyio
import anyio.lowlevel
import pytest

from workflows.web.http.places import NoPlaceError, Places


async def sent_away(places: Places) -> str:
    try:
        async with places.one():
            return ""
    except NoPlaceError as error:
        return str(error)


async def free_places_are_taken_and_given_back() -> None:
    places = Places(at_a_time=2, waiting=0, patience=60.0)
    for _ in range(3):
        async with places.one(), places.one():
            assert await sent_away(places) == "too many wait"
    assert await sent_away(places) == ""


async def who_waits_comes_in_when_somebody_leaves() -> None:
    places = Places(at_a_time=1, waiting=2, patience=60.0)
    came: list[int] = []

    async def come(number: int) -> None:
        async with places.one():
            came.append(number)
            await anyio.sleep(0.02)

    async with anyio.create_task_group() as tasks:
        for number in range(3):
            tasks.start_soon(come, number)
            await anyio.lowlevel.checkpoint()
    assert came == [0, 1, 2], "first come, first served"


async def who_waited_in_vain_leaves_the_queue() -> None:
    places = Places(at_a_time=1, waiting=1, patience=0.02)
    async with places.one():
        for _ in range(3):
            assert await sent_away(places) == "none became free"
    assert await sent_away(places) == ""


async def an_error_inside_gives_the_place_back() -> None:
    places = Places(at_a_time=1, waiting=0, patience=60.0)
    with pytest.raises(ZeroDivisionError):
        async with places.one():
            raise ZeroDivisionError
    assert await sent_away(places) == ""


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
