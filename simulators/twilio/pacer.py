"""One clock for all simulated calls of a process: every stream ticks every 20 ms.

Rules: one task serves all streams, so that a hundred calls cost a hundred sends per
20 ms and no timers. Streams are spread over four phases of the 20 ms, as real calls
are. A process that falls behind sends the missed frames in a bunch, as a network does.
With `speed` 10, media time runs ten times as fast as the clock on the wall.
"""

import asyncio
import weakref
from typing import Protocol

FRAME_MS = 20
_PHASES = 4
_FORGIVEN_STEPS = 200


class Ticking(Protocol):
    """Something that lives 20 ms at a time."""

    async def tick(self) -> None:
        """Live the next 20 ms."""


class Pacer:
    """Ticks its streams for as long as it has any."""

    def __init__(self, speed: float) -> None:
        self._step_s = FRAME_MS / 1000 / speed / _PHASES
        self._phases: tuple[list[Ticking], ...] = tuple([] for _ in range(_PHASES))
        self._task: asyncio.Task[None] | None = None

    def add(self, stream: Ticking) -> None:
        """Tick this stream from now on."""
        min(self._phases, key=len).append(stream)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def remove(self, stream: Ticking) -> None:
        """Stop ticking this stream."""
        for phase in self._phases:
            if stream in phase:
                phase.remove(stream)

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        began, done = clock(), 0
        while any(self._phases):
            late = int((clock() - began) / self._step_s) - done
            if late <= 0:
                await asyncio.sleep(began + (done + 1) * self._step_s - clock())
                continue
            if late > _FORGIVEN_STEPS:
                began, done = clock(), 0
            for stream in tuple(self._phases[done % _PHASES]):
                await stream.tick()
            done += 1


_pacers: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[float, Pacer]] = (
    weakref.WeakKeyDictionary()
)


def pacer(speed: float) -> Pacer:
    """The running loop's clock of this speed."""
    mine = _pacers.setdefault(asyncio.get_running_loop(), {})
    return mine.setdefault(speed, Pacer(speed))
