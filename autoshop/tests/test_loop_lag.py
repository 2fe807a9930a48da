"""A loop that is held up shows on the gauge."""

import asyncio
import time

from autoshop import loop_lag
from voice.metrics import LOOP_LAG_MS


async def test_a_loop_that_was_held_up_says_for_how_long() -> None:
    watch = asyncio.create_task(loop_lag.watch(0.01))
    await asyncio.sleep(0)
    time.sleep(0.3)  # noqa: ASYNC251 -- this is the hold-up
    await asyncio.sleep(0.02)
    watch.cancel()
    assert LOOP_LAG_MS._value.get() >= 250


async def test_every_connection_is_passed_on_and_the_loop_is_watched_once() -> None:
    seen: list[object] = []

    async def application(scope: object, receive: object, send: object) -> None:
        seen.append(scope)

    async def nothing(*_: object) -> None:
        return

    watched = loop_lag.Watched(application)
    before = len(asyncio.all_tasks())
    await watched({"type": "http"}, nothing, nothing)
    await watched({"type": "websocket"}, nothing, nothing)
    assert seen == [{"type": "http"}, {"type": "websocket"}]
    assert len(asyncio.all_tasks()) == before + 1
    assert watched._watch is not None
    watched._watch.cancel()
