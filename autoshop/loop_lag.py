"""How late this process's event loop runs: what every caller's audio would feel.

Rules: one task per process, begun with the first connection; a timer of `PERIOD_S` that
fires late was held up by exactly that much. The gauge holds the worst of the last
`WINDOW` ticks, so that a scrape does not miss a stall.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any

from voice.metrics import LOOP_LAG_MS

PERIOD_S = 0.25
WINDOW = 60
Application = Callable[..., Awaitable[None]]


async def watch(period_s: float = PERIOD_S) -> None:
    """Measure until cancelled."""
    loop = asyncio.get_running_loop()
    recent: deque[float] = deque(maxlen=WINDOW)
    while True:
        due = loop.time() + period_s
        await asyncio.sleep(period_s)
        recent.append(max(0.0, loop.time() - due) * 1000)
        LOOP_LAG_MS.set(max(recent))


class Watched:
    """An ASGI application whose loop is watched; `at_first` runs beside its first connection."""

    def __init__(
        self,
        application: Application,
        at_first: Callable[[], Coroutine[Any, Any, None]] | None = None,
    ) -> None:
        self._application, self._at_first = application, at_first
        self._watch: asyncio.Task[None] | None = None
        self._first: asyncio.Task[None] | None = None

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        """One connection."""
        if self._watch is None or self._watch.get_loop() is not asyncio.get_running_loop():
            self._watch = asyncio.create_task(watch())
            if self._at_first is not None:
                self._first = asyncio.create_task(self._at_first())
        await self._application(scope, receive, send)
