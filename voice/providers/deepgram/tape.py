"""The caller's audio from the last frozen word on: what a new connection must hear again.

Rules: positions are bytes since the call began (8 per ms). A connection counts media
time from its own first byte, so `base` is where that byte was. What a final transcript
covers is forgotten; what is not yet covered is replayed after a break, so no word is
lost and none is heard twice.
"""

BYTES_PER_S = 8000
LONGEST = 15 * BYTES_PER_S
"""Kept at most; older audio is dropped, sent or not."""
QUIET = 6 * BYTES_PER_S
"""Kept of what has been sent while nobody is known to speak: more than a dead line stays unnoticed."""


class Tape:
    """A caller's audio, mu-law 8000 Hz."""

    def __init__(self) -> None:
        self._audio = bytearray()
        self._start = self._sent = self._base = 0
        self.speaking = False
        self.dropped = 0

    def record(self, audio: bytes) -> None:
        """Take a frame."""
        self._audio += audio
        end = self._start + len(self._audio)
        if not self.speaking:
            self._drop(min(end - QUIET, self._sent))
        self._drop(end - LONGEST)

    def _drop(self, until: int) -> None:
        """Forget everything before a position; what was never sent shifts the media clock."""
        if until <= self._start:
            return
        unsent = max(0, until - self._sent)
        self.dropped += unsent
        self._base += unsent
        self._sent = max(self._sent, until)
        del self._audio[: until - self._start]
        self._start = until

    def next_chunk(self, largest: int) -> bytes:
        """What has not been sent yet, at most `largest` bytes; empty when all has been."""
        at = self._sent - self._start
        chunk = bytes(self._audio[at : at + largest])
        self._sent += len(chunk)
        return chunk

    @property
    def unsent(self) -> int:
        """How many bytes wait to be sent."""
        return self._start + len(self._audio) - self._sent

    def rewind(self) -> None:
        """A new connection: send again whatever is not yet covered by a final."""
        self._sent = self._base = self._start

    def cover(self, media_s: float) -> None:
        """Words up to this media time of this connection are final."""
        self._drop(min(self._base + round(media_s * BYTES_PER_S), self._sent))
