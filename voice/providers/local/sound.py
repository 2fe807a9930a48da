"""Between the telephone's audio and the models': mu-law 8 kHz, floats at 8, 16 and 24 kHz.

Rules: numpy only, deterministic, no delay on the caller's side. Up to 16 kHz by straight
lines between samples, which recognises as well as any filter (measured); down from 24 kHz
through a low-pass filter at 3.6 kHz, else the voice's hiss folds into its speech.
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from voice.audio import decode

Floats = npt.NDArray[np.float32]

MULAW = (np.frombuffer(decode(bytes(range(256))), np.int16) / 32768).astype(np.float32)
LOUDEST = 0.6
"""Peak of the agent's voice: about -4 dBFS."""


def to_floats(mulaw: bytes) -> Floats:
    """Mu-law as floats, -1 to 1, at 8 kHz."""
    samples: Floats = MULAW[np.frombuffer(mulaw, np.uint8)]
    return samples


def up_to_16k(samples: Floats) -> Floats:
    """8 kHz to 16 kHz."""
    if len(samples) == 0:
        return samples
    out = np.empty(len(samples) * 2, np.float32)
    out[0::2] = samples
    out[1:-1:2] = (samples[:-1] + samples[1:]) / 2
    out[-1] = samples[-1]
    return out


@lru_cache(maxsize=1)
def _low_pass() -> Floats:
    length, cut_off = 61, 3600 / 24000
    at = np.arange(length) - length // 2
    sinc = 2 * cut_off * np.sinc(2 * cut_off * at)
    taps: Floats = (sinc * np.hamming(length)).astype(np.float32)
    return taps


def down_to_8k(samples: Floats) -> Floats:
    """24 kHz to 8 kHz."""
    if len(samples) == 0:
        return samples
    return np.convolve(samples, _low_pass(), mode="same")[::3].astype(np.float32)


QUIET = 0.01
"""Of full scale: what the voice's model makes around a sentence stays below."""


def cropped(samples: Floats, *, before: int, after: int) -> Floats:
    """Without the silence at both ends but for so many samples of it; inner pauses stay."""
    loud = np.flatnonzero(np.abs(samples) > QUIET)
    if len(loud) == 0:
        return samples
    return samples[max(0, int(loud[0]) - before) : int(loud[-1]) + 1 + after]


def to_mulaw(samples: Floats) -> bytes:
    """Floats at 8 kHz as mu-law (ITU-T G.711), turned down where they are too loud."""
    if len(samples) == 0:
        return b""
    peak = float(np.abs(samples).max())
    scaled = samples * min(1.0, LOUDEST / peak) if peak else samples
    pcm = (scaled * 32767).astype(np.int32)
    magnitude = np.minimum(np.abs(pcm), 32635) + 132
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(pcm < 0, 0x80, 0)
    codes = ~(sign | (exponent << 4) | mantissa) & 0xFF
    return bytes(codes.astype(np.uint8))
