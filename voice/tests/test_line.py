"""How a line sounds is told from its audio alone."""

import random

import pytest

from voice.audio import FRAME_BYTES, SILENT_FRAME, tone
from voice.line import EVERY, LEAST_LOOKS, Line, Sound, Verdict
from voice.rehearsal import people

MINUTE = 60 * 50


def heard(audio: bytes, *, seconds: int = 60, before: bytes = SILENT_FRAME) -> Sound | None:
    """A line on which this is said again and again, with silence for four fifths of the time."""
    line = Line()
    frames = [audio[at : at + FRAME_BYTES] for at in range(0, len(audio), FRAME_BYTES)]
    pause = [before] * (4 * len(frames))
    for n in range(seconds * 50):
        line.hear([*frames, *pause][n % (5 * len(frames))])
    return line.sound()


def speech(dbfs: float) -> bytes:
    """A second of a voice at this level."""
    return tone(210, 1000, dbfs=dbfs)


@pytest.mark.parametrize(
    ("dbfs", "verdict"),
    [
        (-20, Verdict.GOOD),
        (-38, Verdict.GOOD),
        (-46, Verdict.FAINT),
        (-70, Verdict.SILENT),
        (3, Verdict.CLIPPED),
    ],
)
def test_a_line_is_judged_by_what_is_said_on_it(dbfs: float, verdict: Verdict) -> None:
    sound = heard(speech(dbfs))
    assert sound is not None
    assert sound.verdict is verdict


def test_a_voice_that_hardly_stands_out_is_on_a_noisy_line() -> None:
    street = tone(97, 20, dbfs=-27)[:FRAME_BYTES]
    sound = heard(speech(-20), before=street)
    assert sound is not None
    assert sound.verdict is Verdict.NOISY
    assert sound.noise_dbfs == pytest.approx(-27, abs=2)


def test_a_dead_line_is_silent() -> None:
    sound = heard(SILENT_FRAME)
    assert sound is not None
    assert sound.to_json() == {
        "verdict": "silent",
        "speech_dbfs": -99,
        "noise_dbfs": -99,
        "clipped_percent": 0.0,
    }


def test_nothing_is_said_of_a_line_that_was_hardly_heard() -> None:
    line = Line()
    for _ in range(EVERY * LEAST_LOOKS - 1):
        line.hear(SILENT_FRAME)
    assert line.sound() is None
    line.hear(SILENT_FRAME)
    assert line.sound() is not None


def test_noise_of_any_kind_is_judged_and_breaks_nothing() -> None:
    source = random.Random(4)
    line = Line()
    for _ in range(1000):
        line.hear(source.randbytes(source.choice((0, 1, 80, 160, 320))))
    assert line.sound() is not None


@pytest.mark.skipif(not people.FLITE, reason="flite is not installed: nobody can speak")
def test_a_voice_as_it_comes_from_a_telephone_is_good() -> None:
    sound = heard(people.say("I would like to book an oil change.", voice="slt"))
    assert sound is not None
    assert sound.verdict is Verdict.GOOD
