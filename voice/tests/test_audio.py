"""Telephone audio: the tables are G.711's, and no byte is lost on the way."""

import math
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice import audio

ALL_CODES = bytes(range(256))


def test_decoding_knows_the_corners_of_the_recommendation() -> None:
    samples = array("h")
    samples.frombytes(audio.decode(bytes([0xFF, 0x7F, 0x80, 0x00])))
    assert samples.tolist() == [0, 0, 32124, -32124]


def test_every_code_survives_being_decoded_and_encoded() -> None:
    again = audio.encode(audio.decode(ALL_CODES))
    assert again == ALL_CODES.replace(b"\x7f", b"\xff")  # the two zeros become one


@given(st.integers(-32768, 32767))
def test_encoding_is_as_near_as_the_scale_allows(sample: int) -> None:
    back = array("h")
    back.frombytes(audio.decode(audio.encode(array("h", [sample]).tobytes())))
    clipped = max(-32124, min(32124, sample))
    assert abs(back[0] - clipped) <= max(8, abs(clipped) / 16 + 8)


def test_louder_stays_louder() -> None:
    ramp = array("h", range(-32768, 32768, 16))
    back = array("h")
    back.frombytes(audio.decode(audio.encode(ramp.tobytes())))
    assert list(back) == sorted(back)


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple"):
        audio.encode(b"\x00")


def test_levels_are_those_of_the_tone() -> None:
    assert audio.level_dbfs(audio.tone(440, 200, dbfs=-20)) == pytest.approx(-20, abs=0.3)
    assert audio.level_dbfs(b"") == -math.inf
    assert audio.level_dbfs(audio.SILENT_FRAME) == -math.inf
    assert audio.level_dbfs(b"\x80\x00" * 80) == pytest.approx(0)


def test_clipping_is_noticed() -> None:
    assert audio.clipped_share(audio.tone(440, 100, dbfs=6)) > 0.5
    assert audio.clipped_share(audio.tone(440, 100, dbfs=-6)) == 0
    assert audio.clipped_share(b"") == 0


@given(st.binary(max_size=1000))
def test_frames_put_together_are_the_audio(mulaw: bytes) -> None:
    frames = list(audio.split_frames(mulaw))
    assert b"".join(frames) == mulaw
    assert all(len(frame) == audio.FRAME_BYTES for frame in frames[:-1])
    padded = list(audio.split_frames(mulaw, pad=True))
    assert all(len(frame) == audio.FRAME_BYTES for frame in padded)
    assert b"".join(padded).rstrip(audio.SILENCE) == mulaw.rstrip(audio.SILENCE)
