"""People to ring up with: a synthetic caller and a human one who reads digits and letters.

Rules: neither is the agent's voice. Audio is mu-law, 8000 Hz. `say` needs Debian's
`flite`; the reader needs `asterisk-core-sounds-en-wav` (Allison Smith's recordings,
CC BY-SA 3.0), which are read where they are installed and never copied.
"""

import io
import shutil
import subprocess
import wave
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from voice.audio import decode, encode

FLITE = shutil.which("flite")
ALLISON = next(iter(sorted(Path("/usr/share/asterisk/sounds").glob("en*/digits"))), None)
PAUSE = b"\xff" * 800
Samples = npt.NDArray[np.int16]
VOICES = ("rms", "slt", "awb")
SPEAKERS = {"low": 0.86, "high": 1.14}
"""Pitch and vocal tract of the natural speakers, against the model's own voice."""


@lru_cache(maxsize=256)
def say(text: str, *, voice: str = "rms", pace: float = 1.0) -> bytes:
    """The text in the voice of a synthetic caller; a `pace` above 1 is slower."""
    if FLITE is None:
        raise FileNotFoundError("flite is not installed (Debian: apt-get install flite)")
    command = [FLITE, "-voice", voice, "--setf", f"duration_stretch={pace}", "-t", text]
    made = subprocess.run([*command, "-o", "/dev/stdout"], check=True, capture_output=True)  # noqa: S603  our own text
    return _to_mulaw(made.stdout)


@lru_cache(maxsize=256)
def say_naturally(text: str, *, speaker: str, pace: float = 1.0) -> bytes:
    """The text by a natural voice that nobody has: the model's, moved to another speaker's throat.

    `pace` above 1 is slower. The model is the one the agent speaks with; its own voice is not used.
    """
    from voice.providers.local.mouth import synthesiser
    from voice.providers.local.sound import down_to_8k, to_mulaw

    shift = SPEAKERS[speaker]
    spoken = synthesiser()(text, speed=1 / (shift * pace), seed=3)
    moved = np.interp(np.arange(0, len(spoken), shift), np.arange(len(spoken)), spoken)
    return to_mulaw(down_to_8k(moved.astype(np.float32)))


@lru_cache(maxsize=256)
def read_digits(digits: str, *, pause: bytes = PAUSE) -> bytes:
    """A human reader's digits, one after the other."""
    if ALLISON is None:
        raise FileNotFoundError("asterisk-core-sounds-en-wav is not installed")
    return pause.join(_to_mulaw((ALLISON / f"{digit}.wav").read_bytes()) for digit in digits)


@lru_cache(maxsize=256)
def read_characters(text: str, *, pause: bytes = PAUSE) -> bytes:
    """A human reader's letters and digits; a blank is the longer pause between groups."""
    if ALLISON is None:
        raise FileNotFoundError("asterisk-core-sounds-en-wav is not installed")
    groups = (pause.join(map(_character, group)) for group in text.lower().split())
    return (pause * 2).join(groups)


def _character(character: str) -> bytes:
    assert ALLISON is not None
    folder = ALLISON if character.isdigit() else ALLISON.parent / "letters"
    return _trimmed(_to_mulaw((folder / f"{character}.wav").read_bytes()))


def _trimmed(audio: bytes) -> bytes:
    """Without the silence around it, which makes a number said in one go fall apart."""
    loud = np.flatnonzero(np.abs(np.frombuffer(decode(audio), np.int16).astype(np.int32)) > 300)
    return audio[loud[0] : loud[-1] + 1] if len(loud) else audio


def _to_mulaw(data: bytes) -> bytes:
    """A wave file of any rate as mu-law at 8 kHz."""
    with wave.open(io.BytesIO(data)) as file:
        rate = file.getframerate()
        # A program that writes to a pipe cannot know the length it puts into the header.
        samples = np.frombuffer(data[44:][: len(data[44:]) // 2 * 2], np.int16)
    if rate != 8000:
        samples = _to_8k(samples, rate)
    return encode(samples.astype(np.int16).tobytes())


def _to_8k(samples: Samples, rate: int) -> Samples:
    """Low-pass at 3.6 kHz, then by straight lines to the new instants."""
    at = np.arange(81) - 40
    kernel = 2 * 3600 / rate * np.sinc(2 * 3600 / rate * at) * np.hamming(81)
    smooth = np.convolve(samples.astype(np.float64), kernel, mode="same")
    times = np.arange(0, len(samples) / rate, 1 / 8000)
    slower = np.interp(times, np.arange(len(samples)) / rate, smooth)
    whole: Samples = slower.clip(-32768, 32767).astype(np.int16)
    return whole
