"""Sound for the simulated ear and voice: mu-law, 8000 Hz, without a codec.

Rules: everything is deterministic; everything is cheap enough for a hundred calls
in one process (a frame costs about two microseconds).
"""

import math
import random

FRAME_BYTES = 160
FRAME_MS = 20
BYTES_PER_MS = 8
SILENCE = b"\xff"


def _magnitude(code: int) -> int:
    """Loudness of one mu-law code, 0 to 250 (the 14-bit magnitude divided by 32)."""
    inverted = ~code & 0xFF
    exponent, mantissa = (inverted >> 4) & 0x07, inverted & 0x0F
    return ((((mantissa << 1) + 33) << exponent) - 33) // 32


LOUDNESS = bytes(_magnitude(code) for code in range(256))
LOUD_AT = 5
"""Mean loudness from which a frame counts as voice: about -40 dBFS."""


def is_loud(frame: bytes) -> bool:
    """Whether this frame has enough energy to be somebody speaking."""
    return sum(frame.translate(LOUDNESS)) > LOUD_AT * len(frame)


def encode_sample(sample: int) -> int:
    """One 16-bit linear sample as a mu-law byte (ITU-T G.711)."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32635) + 132
    exponent = max(0, magnitude.bit_length() - 8)
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    return ~(sign | exponent << 4 | mantissa) & 0xFF


def _one_second_tone(hertz: int) -> bytes:
    return bytes(
        encode_sample(int(6000 * math.sin(2 * math.pi * hertz * n / 8000))) for n in range(8000)
    )


TONES = tuple(_one_second_tone(hertz) for hertz in (220, 260, 300, 340))


def hum(text: str, *, ms_per_char: int = 60) -> bytes:
    """Audio of a length that fits the text; the pitch tells sentences apart."""
    tone = TONES[sum(text.encode()) % len(TONES)]
    length = len(text) * ms_per_char * BYTES_PER_MS
    return (tone * (length // len(tone) + 1))[:length]


def babble(text: str, *, ms_per_char: int = 60) -> bytes:
    """Loud audio that is like no other text's: what a made-up caller says to `KnownClips`."""
    return random.Random(text).randbytes(len(text) * ms_per_char * BYTES_PER_MS)
