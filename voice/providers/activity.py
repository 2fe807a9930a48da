"""When somebody speaks on a telephone line, and when they stop: cheap first, sure second.

Rules: mu-law frames in, decisions out; time is counted in audio. Loudness (a microsecond a
frame) sorts out the silence in which most of a call passes; only what is louder than the
line's own noise is shown to a detector (Silero), which tells a voice from a door; once it is
known which of them a sound is, every fourth window is looked at, until one says otherwise: what takes
0.1 ms on a warm processor takes 0.4 ms among a hundred calls. Speech is over after `STOP_MS` that are quiet by loudness, or, where the line is too
noisy for that, that hold no voice for the detector. Levels are mean mu-law magnitudes: they
are logarithmic, 16 steps are 6 dB.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from voice.providers.local.silero import WINDOW, WINDOW_MS
from voice.providers.local.sound import Floats, to_floats

STOP_MS = 200
"""Half of it is a gap between two words of one sentence; each costs the recogniser a cut."""
VOICE_AT = 0.5
NO_VOICE_AT = 0.35
BEGIN_WINDOWS = 2
KNOWN_AFTER = 6
"""Windows without a voice after which a sound counts as a noise: 190 ms."""
EVERY = 4
"""Of so many windows one is looked at where it is known what sounds, and nothing speaks against it."""
LEAD_IN_FRAMES = 4
ABOVE_NOISE = 20.0
"""Steps above the noise (7.5 dB) from which a frame is shown to the detector."""
BELOW_SPEECH = 56.0
"""Steps below the loudest of this speech (21 dB) from which a frame is quiet."""
FAINTEST = 18.0
"""Steps; below it nobody is heard at all."""
RISE = 0.05
"""Steps a frame by which the noise may grow: 1 dB a second."""
_MAGNITUDE = bytes(~code & 0x7F for code in range(256))


@dataclass(frozen=True, slots=True)
class Began:
    """Somebody speaks."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nobody speaks any more, since `silence` seconds."""

    silence: float


class Activity:
    """One line's voice activity. `detector` gives the chance of a voice in 256 samples."""

    def __init__(self, detector: Callable[[Floats], float]) -> None:
        self._detector = detector
        self._noise = FAINTEST
        self._loudest = 0.0
        self._lead_in: deque[bytes] = deque(maxlen=LEAD_IN_FRAMES)
        self._pending = b""
        self._voiced = self._unvoiced = 0
        self._unlooked = 0
        """Windows since the last one that was looked at."""
        self._speaking = False
        self._quiet_ms = self._voiceless_ms = 0
        self.silent_ms = 0
        """For how long the line has carried nothing but its own noise."""

    def feed(self, frame: bytes) -> Began | Stopped | None:
        """Take a frame, usually of 20 ms; what follows from it."""
        level = sum(frame.translate(_MAGNITUDE)) / len(frame) if frame else 0.0
        self._noise = min(max(level, FAINTEST), self._noise + RISE)
        is_noise = not self._speaking and level < self._noise + ABOVE_NOISE
        self.silent_ms = self.silent_ms + len(frame) // 8 if is_noise else 0
        if self._speaking:
            return self._go_on(frame, level)
        if is_noise:
            self._lead_in.append(frame)
            self._pending, self._voiced, self._unvoiced = b"", 0, 0
            return None
        while self._lead_in:
            self._pending += self._lead_in.popleft()
        return self._maybe_begin(frame, level)

    def _maybe_begin(self, frame: bytes, level: float) -> Began | None:
        for chance, _ in self._chances(frame):
            is_voice = chance >= VOICE_AT
            self._voiced = self._voiced + 1 if is_voice else 0
            self._unvoiced = 0 if is_voice else self._unvoiced + 1
        if self._voiced < BEGIN_WINDOWS:
            return None
        self._speaking, self._loudest = True, level
        self._quiet_ms = self._voiceless_ms = 0
        return Began()

    def _go_on(self, frame: bytes, level: float) -> Stopped | None:
        self._loudest = max(level, self._loudest - RISE)
        length_ms = len(frame) // 8
        if level < max(self._noise + ABOVE_NOISE / 2, self._loudest - BELOW_SPEECH):
            self._quiet_ms += length_ms
        else:
            self._quiet_ms = 0
            for chance, stands_for_ms in self._chances(frame):
                voiceless_ms = self._voiceless_ms + stands_for_ms
                self._voiceless_ms = voiceless_ms if chance < NO_VOICE_AT else 0
        if max(self._quiet_ms, self._voiceless_ms) < STOP_MS:
            return None
        silence_ms = max(self._quiet_ms, self._voiceless_ms)
        self._speaking, self._voiced, self._unvoiced, self._pending = False, 0, 0, b""
        return Stopped(silence_ms / 1000)

    def _chances(self, frame: bytes) -> list[tuple[float, int]]:
        """What the detector says of the windows that are whole now and looked at, and for how many ms each
        stands: of what was passed over before it, half was probably like it."""
        self._pending += frame
        found = []
        while len(self._pending) >= WINDOW:
            if self._is_looked_at():
                chance = self._detector(to_floats(self._pending[:WINDOW]))
                found.append((chance, (self._unlooked + 2) * WINDOW_MS // 2))
                self._unlooked = 0
            else:
                self._unlooked += 1
            self._pending = self._pending[WINDOW:]
        return found

    def _is_looked_at(self) -> bool:
        calm = self._voiceless_ms == 0
        is_known = calm if self._speaking else self._unvoiced >= KNOWN_AFTER
        return not is_known or self._unlooked + 1 >= EVERY
