"""What one call's agent is about to say, for whoever watches.

Rules: nobody on the phone waits for it. Clauses are gathered for a moment, so that the
answer itself goes first, and written in order, one write at a time and in a thread; while
Redis is slow they are gathered on, and the oldest of more than a page-full are dropped.
"""

import asyncio
from collections import deque

from calls import live
from voice.core.effects import Synthesize
from voice.ready import at_leisure

GATHER_S = 0.1


class Shown:
    """One call's clauses on their way to the pages that show them."""

    def __init__(self, call_sid: str) -> None:
        self._call_sid = call_sid
        self._new: deque[tuple[int, str]] = deque(maxlen=live.CLAUSES_KEPT)
        self._afresh = False
        self._writing: asyncio.Task[None] | None = None

    def show(self, clause: Synthesize | None) -> None:
        """This will be said next; None: all that was to be said is taken back."""
        if clause is None:
            self._new.clear()
            self._afresh = True
        else:
            self._new.append((clause.clause_id, clause.text))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        """Write until nothing new is there."""
        while self._new or self._afresh:
            await asyncio.sleep(GATHER_S)
            new, afresh = tuple(self._new), self._afresh
            self._new.clear()
            self._afresh = False
            await at_leisure(live.show_clauses, self._call_sid, new, afresh=afresh)

    def close(self) -> None:
        """The call is over: nobody needs to know what would have come."""
        if self._writing is not None:
            self._writing.cancel()
