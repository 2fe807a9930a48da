"""Twilio's play-out buffer: audio and marks in one line, drained at 8000 bytes a second.

Rules: a mark comes back when everything before it has been played; with nothing
queued it comes back at once. A clear drops the audio and brings back every waiting
mark, in order. More than ten minutes of audio is thrown away (error 31931). No clock
and no socket in here: the caller of `tick` is the clock.
"""

from collections import deque

FRAME_BYTES = 160
LIMIT_BYTES = 10 * 60 * 8000


class PlayoutBuffer:
    """What the app has sent and the caller hasn't heard yet."""

    def __init__(self) -> None:
        self._line: deque[bytes | str] = deque()
        self.waiting_bytes = 0
        self.overflowed = False

    def push_audio(self, audio: bytes) -> None:
        """Queue mu-law audio of any length."""
        if self.waiting_bytes + len(audio) > LIMIT_BYTES:
            self.overflowed = True
            return
        if audio:
            self._line.append(audio)
            self.waiting_bytes += len(audio)

    def push_mark(self, name: str) -> list[str]:
        """Queue a mark; returns it right back where nothing is waiting."""
        if not self._line:
            return [name]
        self._line.append(name)
        return []

    def clear(self) -> list[str]:
        """Drop all audio; returns the marks that were waiting."""
        marks = [item for item in self._line if isinstance(item, str)]
        self._line.clear()
        self.waiting_bytes = 0
        return marks

    def tick(self, size: int = FRAME_BYTES) -> tuple[bytes, list[str]]:
        """Play up to `size` bytes; returns them and the marks passed."""
        played = bytearray()
        marks: list[str] = []
        while self._line:
            item = self._line[0]
            if isinstance(item, str):
                marks.append(item)
                self._line.popleft()
                continue
            room = size - len(played)
            if not room:
                break
            played += item[:room]
            self._take(item, room)
        self.waiting_bytes -= len(played)
        return bytes(played), marks

    def _take(self, item: bytes, room: int) -> None:
        if len(item) > room:
            self._line[0] = item[room:]
        else:
            self._line.popleft()

    @property
    def empty(self) -> bool:
        """Nothing is waiting to be heard."""
        return not self._line
