"""How a caller's line sounds: what staff need to know when a call went badly.

Rules: pure; mu-law frames of 8000 Hz in, a judgement out. Two frames a second are looked at, because
this runs for every caller all the time. Speech is what the loudest twentieth reaches, noise what the line is
never without. Nothing is said of a line of less than 5 s. Levels are dBFS (see audio.py); speech
on a telephone is meant to be at -26 (ITU-T P.56).
"""

from dataclasses import dataclass
from enum import StrEnum

from voice.audio import clipped_share, level_dbfs

EVERY = 25
LEAST_LOOKS = 10
FAINT_DBFS, SILENT_DBFS = -42.0, -60.0
LEAST_ABOVE_NOISE_DB = 12.0
MOST_CLIPPED = 0.01
_NOTHING_DBFS = -99.0


class Verdict(StrEnum):
    """What a line is like, in one word."""

    GOOD = "good"
    SILENT = "silent"
    FAINT = "faint"
    NOISY = "noisy"
    CLIPPED = "clipped"


@dataclass(frozen=True, slots=True)
class Sound:
    """A line as it was heard. Levels in dBFS; `clipped` is the share of loud samples at the end of the scale."""

    verdict: Verdict
    speech_dbfs: float
    noise_dbfs: float
    clipped: float

    def to_json(self) -> dict[str, object]:
        """For the call's record."""
        return {
            "verdict": self.verdict.value,
            "speech_dbfs": round(self.speech_dbfs),
            "noise_dbfs": round(self.noise_dbfs),
            "clipped_percent": round(100 * self.clipped, 1),
        }


class Line:
    """One caller's line."""

    def __init__(self) -> None:
        self._frames = 0
        self._looks: list[tuple[float, float]] = []
        """Level and clipped share of each frame that was looked at."""

    def hear(self, frame: bytes) -> None:
        """Take a frame."""
        self._frames += 1
        if self._frames % EVERY == 0:
            self._looks.append((max(_NOTHING_DBFS, level_dbfs(frame)), clipped_share(frame)))

    def sound(self) -> Sound | None:
        """How it sounded so far; None where that was too short to say."""
        if len(self._looks) < LEAST_LOOKS:
            return None
        looks = sorted(self._looks)
        loud = looks[len(looks) * 19 // 20 :]
        speech, noise = loud[0][0], looks[len(looks) // 5][0]
        clipped = sum(share for _, share in loud) / len(loud)
        return Sound(_judge(speech, noise, clipped), speech, noise, clipped)


def _judge(speech: float, noise: float, clipped: float) -> Verdict:
    if speech < SILENT_DBFS:
        return Verdict.SILENT
    if clipped > MOST_CLIPPED:
        return Verdict.CLIPPED
    if speech - noise < LEAST_ABOVE_NOISE_DB:
        return Verdict.NOISY
    return Verdict.FAINT if speech < FAINT_DBFS else Verdict.GOOD
