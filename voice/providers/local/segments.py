"""Where speech begins and ends in a stream of frames, and what audio a recogniser needs of it.

Rules: pure but for the detector that is handed in; audio in, decisions out; time is
counted in ms of audio. A segment carries a lead-in of 120 ms before the first sound and
the silence that ended it. Speech is over after a silence that depends on what was asked:
digits and letters are said with gaps, and a recogniser hears them better in one piece.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from voice.core.history import Expectation
from voice.providers.local.silero import WINDOW, WINDOW_MS
from voice.providers.local.sound import Floats, to_floats

SPEECH_AT = 0.5
SILENCE_AT = 0.35
START_WINDOWS = 2
LEAD_IN_MS = 120
LONGEST_MS = 14_000
"""The recogniser gets worse beyond this, so a segment is cut here without an end of speech."""

_STOP_MS = 240
_STOPS_MS = {
    Expectation.YES_NO: 200,
    Expectation.SPELLING: 600,
    Expectation.CODE: 500,
    Expectation.ZIP: 500,
    Expectation.PHONE: 500,
    Expectation.DATE_OF_BIRTH: 400,
    Expectation.VIN: 600,
}


def silence_ms(expects: Expectation) -> int:
    """How much silence ends a segment, and so lies behind its `Ended`."""
    return _STOPS_MS.get(expects, _STOP_MS)


@dataclass(frozen=True, slots=True)
class Began:
    """Somebody begins to speak."""


@dataclass(frozen=True, slots=True)
class Grew:
    """Somebody goes on speaking; so much has been said since the beginning."""

    ms: int


@dataclass(frozen=True, slots=True)
class Ended:
    """A segment is complete; `cut` where it only became too long."""

    audio: Floats
    cut: bool = False


Decision = Began | Grew | Ended


class Segmenter:
    """One call's speech, cut into segments. `forget` is told that a segment is over."""

    def __init__(
        self, detector: Callable[[Floats], float], forget: Callable[[], None] = lambda: None
    ) -> None:
        self._detector, self._forget = detector, forget
        self.expects = Expectation.OPEN
        self._rest = np.zeros(0, np.float32)
        self._windows: list[Floats] = []
        self._speaking = False
        self._voiced = self._silent_ms = 0

    def feed(self, mulaw: bytes) -> Iterator[Decision]:
        """Take audio of any length; what follows from it."""
        samples = np.concatenate([self._rest, to_floats(mulaw)])
        whole = len(samples) - len(samples) % WINDOW
        self._rest = samples[whole:]
        for at in range(0, whole, WINDOW):
            yield from self._take(samples[at : at + WINDOW])

    def audio(self) -> Floats:
        """The segment so far, at 8 kHz."""
        return np.concatenate(self._windows) if self._windows else np.zeros(0, np.float32)

    def cut(self) -> Floats | None:
        """Take the segment as it is, because its words are wanted now; None between segments."""
        if not self._speaking:
            return None
        audio = self.audio()
        self._windows = self._windows[-(LEAD_IN_MS // WINDOW_MS) :]
        return audio

    def _take(self, window: Floats) -> Iterator[Decision]:
        chance = self._detector(window)
        self._windows.append(window)
        if self._speaking:
            yield from self._go_on(chance)
            return
        self._voiced = self._voiced + 1 if chance >= SPEECH_AT else 0
        del self._windows[: -(LEAD_IN_MS // WINDOW_MS + START_WINDOWS)]
        if self._voiced >= START_WINDOWS:
            self._speaking, self._silent_ms = True, 0
            yield Began()

    def _go_on(self, chance: float) -> Iterator[Decision]:
        self._silent_ms = self._silent_ms + WINDOW_MS if chance < SILENCE_AT else 0
        length_ms = len(self._windows) * WINDOW_MS
        if self._silent_ms >= silence_ms(self.expects):
            yield self._end()
        elif length_ms >= LONGEST_MS:
            audio = self.audio()
            self._windows = []
            yield Ended(audio, cut=True)
        elif self._silent_ms == 0:
            yield Grew(length_ms)

    def _end(self) -> Ended:
        audio = self.audio()
        self._speaking, self._voiced = False, 0
        self._forget()
        self._windows = self._windows[-(LEAD_IN_MS // WINDOW_MS) :]
        return Ended(audio)
