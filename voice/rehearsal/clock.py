"""An event loop whose clock leaps over waiting: a call of two minutes lasts as long as its work.

Rules: time goes on only when nothing is left to do now, and then straight to the next
timer. It stands still while a thread works, and every piece of a thread's work counts
as `WORK_S`, however busy the machine is, so that a run depends on nothing but its
input. Only for loops without sockets: nobody would wait for a peer.
"""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

WORK_S = 0.12
"""What recognising, speaking or asking the database counts as: about what each takes."""


class _LeapingSelector(selectors.DefaultSelector):
    """Waits for threads, never for timers."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.working = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self.working or timeout is None:
            return super().select(0 if timeout == 0 else None)
        self.now += max(0.0, timeout)
        return super().select(0)


class LeapingLoop(asyncio.SelectorEventLoop):
    """Runs sessions in their own time, which begins at 0."""

    def __init__(self) -> None:
        self._leaping = _LeapingSelector()
        super().__init__(self._leaping)

    def time(self) -> float:
        """Seconds of this loop's own time."""
        return self._leaping.now

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Run in a thread; the result comes `WORK_S` later."""
        self._leaping.working += 1
        shown: asyncio.Future[Any] = self.create_future()
        made = super().run_in_executor(executor, func, *args)
        made.add_done_callback(lambda work: self._worked(work, shown))
        return shown

    def _worked(self, work: asyncio.Future[Any], shown: asyncio.Future[Any]) -> None:
        self._leaping.working -= 1
        self.call_later(WORK_S, _pass_on, work, shown)


def _pass_on(work: asyncio.Future[Any], shown: asyncio.Future[Any]) -> None:
    if shown.done():
        return
    if work.cancelled():
        shown.cancel()
    elif (bug := work.exception()) is not None:
        shown.set_exception(bug)
    else:
        shown.set_result(work.result())
