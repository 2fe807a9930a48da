"""Audio keeps its words on the way between the telephone and the models."""

import numpy as np
import pytest

from voice import audio
from voice.providers.local.sound import cropped, down_to_8k, to_floats, to_mulaw, up_to_16k


def test_mulaw_is_that_of_the_telephone() -> None:
    samples = np.linspace(-0.59, 0.59, 4000, dtype=np.float32)
    pcm = (samples * 32767).astype(np.int16).tobytes()
    ours, theirs = to_mulaw(samples), audio.encode(pcm)
    assert max(abs(one - other) for one, other in zip(ours, theirs, strict=True)) <= 1
    assert np.abs(to_floats(ours) - samples).max() < 0.02


def test_floats_are_those_of_the_telephone() -> None:
    every = bytes(range(256))
    assert (to_floats(every) * 32768).astype(np.int16).tobytes() == audio.decode(every)


def test_going_up_doubles_the_length_and_keeps_every_sample() -> None:
    samples = np.array([0.0, 0.5, -0.5], np.float32)
    assert up_to_16k(samples).tolist() == [0.0, 0.25, 0.5, 0.0, -0.5, -0.5]


@pytest.mark.parametrize(
    ("hertz", "survives"), [(1000, True), (3000, True), (5000, False), (9000, False)]
)
def test_going_down_keeps_speech_and_no_hiss(hertz: int, survives: bool) -> None:
    tone = np.sin(2 * np.pi * hertz * np.arange(24000) / 24000).astype(np.float32)
    power = float(np.sqrt(np.mean(down_to_8k(tone) ** 2)))
    assert (power > 0.6) if survives else (power < 0.02)


def test_silence_around_speech_is_cropped_and_pauses_in_it_are_kept() -> None:
    quiet, loud = np.zeros(1000, np.float32), np.full(50, 0.3, np.float32)
    whole = np.concatenate([quiet, loud, quiet, loud, quiet])
    kept = cropped(whole, before=10, after=20)
    assert len(kept) == 10 + 50 + 1000 + 50 + 20
    assert cropped(loud, before=10, after=20).tolist() == loud.tolist()
    assert cropped(quiet, before=10, after=20).tolist() == quiet.tolist()


def test_a_loud_voice_is_turned_down_and_a_soft_one_left_alone() -> None:
    loud, soft = np.full(800, 0.95, np.float32), np.full(800, 0.2, np.float32)
    assert to_floats(to_mulaw(loud)).max() == pytest.approx(0.6, abs=0.03)
    assert to_floats(to_mulaw(soft)).max() == pytest.approx(0.2, abs=0.02)


def test_no_audio_is_no_audio() -> None:
    empty = np.zeros(0, np.float32)
    assert to_mulaw(empty) == b""
    assert len(up_to_16k(empty)) == len(down_to_8k(empty)) == 0
