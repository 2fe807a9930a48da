"""What every ear has: somebody to tell, and an end.

Rules: what is heard is told at once, in the turn of the event loop in which it was found out;
nothing waits in a queue. An ear ends once: closed, lost for good, or by a bug, which is raised
where the ear is listened to, because a deaf call must not look like a silent caller.
"""

import asyncio

from voice.providers.base import Hear, HearingEvent


def _nobody_yet(event: HearingEvent) -> None:
    """An ear that nobody has asked to be told."""


class Teller:
    """The part of an ear that tells."""

    def __init__(self) -> None:
        self._hear: Hear = _nobody_yet
        self._over = asyncio.Event()
        self._bug: BaseException | None = None

    def tell(self, hear: Hear) -> None:
        """Tell `hear` from now on what is heard."""
        self._hear = hear

    async def listen(self) -> None:
        """Return when the ear has ended. Raises the bug that ended it."""
        await self._over.wait()
        if self._bug is not None:
            raise self._bug

    def _end(self, bug: BaseException | None = None) -> None:
        """The ear hears no more; the first reason counts."""
        if not self._over.is_set():
            self._bug = bug
            self._over.set()

    def _end_by_bug(self, task: asyncio.Task[None]) -> None:
        """For `add_done_callback` of the tasks without which the ear is deaf."""
        if not task.cancelled() and (bug := task.exception()):
            self._end(bug)
