"""The threads that run the models: few, so that many calls cannot starve the event loop.

Rules: final words never wait behind interim ones: an interim is not even begun when it
would take the last free thread. ONNX Runtime lets go of Python's lock while it computes.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Pool:
    """A bounded pool of threads that knows how busy it is."""

    def __init__(self, name: str, threads: int) -> None:
        self._threads = threads
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._running = 0

    @property
    def is_busy(self) -> bool:
        """Whether what can do without had better not begin: the last free thread is for the rest."""
        return self._running >= max(1, self._threads - 1)

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run in a thread. Cancelling the wait does not stop the thread."""
        loop = asyncio.get_running_loop()
        self._running += 1
        future = loop.run_in_executor(self._executor, lambda: work(*args, **kwargs))
        future.add_done_callback(self._done)
        return await asyncio.shield(future)

    def _done(self, future: asyncio.Future[R]) -> None:
        self._running -= 1
        if not future.cancelled():
            future.exception()  # nobody may be waiting any more; that is no lost error


HEARING = Pool("ear", max(2, (os.cpu_count() or 2) - 1))
SPEAKING = Pool("voice", 1)
