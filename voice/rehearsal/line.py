"""A telephone line in the loop's own time: the caller's frames in, the agent's audio out.

Rules: a frame of 20 ms leaves every 20 ms, silence where the caller says nothing, as on a
media stream; a mark comes back when everything before it has been played, or at once when
the line is cleared. Nothing here knows what is said.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from voice.core import events as ev

FRAME = 160
FRAME_S = 0.02
SILENCE = b"\xff" * FRAME
BYTES_PER_S = 8000

Post = Callable[[ev.Event], None]
Hear = Callable[[bytes], None]


class Line:
    """Both directions of one call; a `Phone` for the session."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._frames: deque[bytes] = deque()
        self._marks: dict[str, asyncio.Handle] = {}
        self.post: Post = lambda _: None
        self.playing_until = 0.0
        """When the last of the agent's audio will have been heard, in the loop's time."""

    # ---- what the session asks of a phone ---------------------------------------------
    def play(self, audio: bytes) -> None:
        """Queue audio: mu-law, 8000 Hz."""
        begins = max(self._loop.time(), self.playing_until)
        self.playing_until = begins + len(audio) / BYTES_PER_S

    def mark(self, name: str) -> None:
        """Ask to be told when everything queued so far has been played."""
        at = max(self._loop.time(), self.playing_until)
        self._marks[name] = self._loop.call_at(at, self._reach, name)

    def clear(self) -> None:
        """Drop everything queued; the marks come back at once."""
        self.playing_until = self._loop.time()
        for name, timer in self._marks.items():
            timer.cancel()
            self._marks[name] = self._loop.call_soon(self._reach, name)

    def _reach(self, name: str) -> None:
        if self._marks.pop(name, None) is not None:
            self.post(ev.MarkReached(name))

    # ---- the caller's end ---------------------------------------------------------------
    @property
    def is_quiet(self) -> bool:
        """Whether the agent is silent now."""
        return self._loop.time() >= self.playing_until

    async def say(self, audio: bytes) -> None:
        """Say this; returns when the last frame has left."""
        audio += b"\xff" * (-len(audio) % FRAME)
        self._frames.extend(audio[at : at + FRAME] for at in range(0, len(audio), FRAME))
        await asyncio.sleep(len(audio) / BYTES_PER_S)

    async def press(self, keys: str, gap_s: float = 0.3) -> None:
        """Press keys one after the other."""
        for key in keys:
            await asyncio.sleep(gap_s)
            self.post(ev.KeyPressed(key))

    async def carry(self, hear: Hear, post: Post) -> None:
        """Carry audio and events to the session, for as long as the call lasts."""
        self.post = post
        due = self._loop.time()
        while True:
            hear(self._frames.popleft() if self._frames else SILENCE)
            due += FRAME_S
            await asyncio.sleep(due - self._loop.time())
