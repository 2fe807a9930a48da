"""Telephone audio: mu-law, 8000 Hz, mono, one byte a sample, 20 ms a frame of 160 bytes.

Rules: pure; bytes in, bytes or numbers out. Tables are made once from ITU-T G.711.
Levels are dBFS of the decoded signal (0 is the loudest a phone can be, -inf is
digital silence). A frame is never resampled here and never re-ordered.
"""

import math
from array import array
from collections.abc import Iterator

SAMPLE_RATE = 8000
FRAME_MS = 20
FRAME_BYTES = SAMPLE_RATE * FRAME_MS // 1000
SILENCE = b"\xff"
"""Digital silence in mu-law, as Twilio sends it."""
SILENT_FRAME = SILENCE * FRAME_BYTES

_BIAS = 0x84
_LOUDEST = 32124
"""The largest sample that mu-law can hold (G.711, table 2a, in 16 bits)."""
_CLIP_14 = 8158
"""Mu-law codes 14 bits: the lowest two of 16 are dropped first, below zero too."""


def _decode_sample(code: int) -> int:
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + _BIAS) << ((code & 0x70) >> 4)
    return _BIAS - magnitude if code & 0x80 else magnitude - _BIAS


def _encode_sample(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample >> 2), _CLIP_14) + (_BIAS >> 2)
    exponent = magnitude.bit_length() - 6
    return ~(sign | exponent << 4 | magnitude >> exponent + 1 & 0x0F) & 0xFF


_DECODED = array("h", (_decode_sample(code) for code in range(256)))
_SQUARES = tuple(sample * sample for sample in _DECODED)
_ENCODED = bytes(_encode_sample(sample) for sample in (*range(32768), *range(-32768, 0)))
_LOUD_CODES = bytes(code for code in range(256) if abs(_DECODED[code]) >= _LOUDEST)


def decode(mulaw: bytes) -> bytes:
    """Mu-law to 16-bit samples in native byte order, twice as many bytes."""
    return array("h", map(_DECODED.__getitem__, mulaw)).tobytes()


def encode(pcm: bytes) -> bytes:
    """16-bit samples in native byte order to mu-law. Raises ValueError on half a sample."""
    samples = array("h")
    samples.frombytes(pcm)
    return bytes(map(_ENCODED.__getitem__, samples))


def level_dbfs(mulaw: bytes) -> float:
    """How loud a stretch is: root mean square, 0 dBFS for a full-scale square wave."""
    if not mulaw:
        return -math.inf
    power = sum(map(_SQUARES.__getitem__, mulaw)) / len(mulaw)
    return 10 * math.log10(power / _LOUDEST**2) if power else -math.inf


def clipped_share(mulaw: bytes) -> float:
    """The share of samples at the very end of the scale: above 0.01 it is heard as a rasp."""
    if not mulaw:
        return 0.0
    return 1 - len(mulaw.translate(None, _LOUD_CODES)) / len(mulaw)


def split_frames(mulaw: bytes, *, pad: bool = False) -> Iterator[bytes]:
    """Frames of 20 ms in order; the last may be shorter, or is filled up with silence."""
    for start in range(0, len(mulaw), FRAME_BYTES):
        frame = mulaw[start : start + FRAME_BYTES]
        yield frame.ljust(FRAME_BYTES, SILENCE) if pad else frame


def tone(hertz: float, milliseconds: int, *, dbfs: float = -12.0) -> bytes:
    """A pure tone, for tests of a line and for a sign of life."""
    count = SAMPLE_RATE * milliseconds // 1000
    peak = _LOUDEST * 10 ** (dbfs / 20) * math.sqrt(2)
    step = 2 * math.pi * hertz / SAMPLE_RATE
    waves = (peak * math.sin(step * index) for index in range(count))
    limited = (int(max(-_LOUDEST, min(_LOUDEST, wave))) for wave in waves)
    return encode(array("h", limited).tobytes())
