"""How many more flushes a speaking connection may be asked for.

Rules: Deepgram accepts 20 flushes in 60 s on one connection and refuses the next with
a warning, saying nothing aloud; the allowance has been measured to come back after
about 64 s. Pure: `now` is an argument. Source: developers.deepgram.com, "TTS websocket
limits".
"""

from collections import deque

FLUSHES = 20
WINDOW_S = 64.0


class FlushBudget:
    """The flushes of one connection, by time."""

    def __init__(self, flushes: int = FLUSHES, window_s: float = WINDOW_S) -> None:
        self._flushes, self._window_s = flushes, window_s
        self._spent: deque[float] = deque()

    def left(self, now: float) -> int:
        """How many flushes would be accepted at this time (s)."""
        while self._spent and now - self._spent[0] >= self._window_s:
            self._spent.popleft()
        return self._flushes - len(self._spent)

    def spend(self, now: float) -> None:
        """One flush is being sent."""
        self._spent.append(now)

    def exhaust(self, now: float) -> None:
        """The other side says that nothing is left, whatever we had counted."""
        while self.left(now) > 0:
            self.spend(now)
