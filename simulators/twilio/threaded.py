"""The simulated Twilio for tests that aren't asynchronous: it lives in a thread of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

from simulators.twilio.rest import TwilioServer

T = TypeVar("T")


class Background:
    """An event loop in a thread; `run` waits for work done there."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T], timeout_s: float = 60.0) -> T:
        """Run there, wait here."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_s)

    def close(self) -> None:
        """End what is still running there, then the thread."""
        self.run(_end_everything())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


async def _end_everything() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextlib.contextmanager
def in_thread(server: TwilioServer) -> Iterator[Background]:
    """Serve from a thread for as long as the block lasts."""
    background = Background()
    background.run(server.start())
    try:
        yield background
    finally:
        background.run(server.stop())
        background.close()
