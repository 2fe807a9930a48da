"""What the agent is about to say reaches whoever watches, in order and without holding anybody up."""

import asyncio

import pytest

from calls import live
from voice.core.effects import Synthesize
from voice.shown import GATHER_S, Shown

SID = "CA-shown"


@pytest.fixture(autouse=True)
def _nothing_shown() -> None:
    live.show_clauses(SID, [], afresh=True)


async def written() -> list[tuple[int, str]]:
    """What a page would show, once everything has been written."""
    await asyncio.sleep(3 * GATHER_S)
    return await asyncio.to_thread(live.clauses, SID)


def clause(number: int) -> Synthesize:
    """A clause of the agent."""
    return Synthesize(number, f"Clause {number}.", last=False)


async def test_clauses_are_shown_in_the_order_of_speaking() -> None:
    shown = Shown(SID)
    for number in range(1, 4):
        shown.show(clause(number))
    assert await written() == [(n, f"Clause {n}.") for n in (1, 2, 3)]
    shown.show(clause(4))
    assert (await written())[-1] == (4, "Clause 4.")


async def test_what_is_taken_back_is_never_shown_and_what_comes_after_it_is() -> None:
    shown = Shown(SID)
    shown.show(clause(1))
    await written()
    shown.show(clause(2))
    shown.show(None)
    shown.show(clause(3))
    assert await written() == [(3, "Clause 3.")]


async def test_of_a_flood_the_newest_are_kept() -> None:
    shown = Shown(SID)
    for number in range(1000):
        shown.show(clause(number))
    kept = await written()
    assert [number for number, _ in kept] == list(range(1000 - live.CLAUSES_KEPT, 1000))


async def test_a_call_that_is_over_writes_no_more() -> None:
    shown = Shown(SID)
    shown.show(clause(1))
    shown.close()
    assert await written() == []
