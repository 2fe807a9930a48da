"""Voice activity of our own: when speech begins and ends, and what is never shown to the detector."""

import random

import numpy as np
import pytest

from voice.audio import FRAME_BYTES, SILENT_FRAME, encode, split_frames
from voice.providers.activity import Activity, Began, Stopped
from voice.providers.local.silero import VoiceActivity
from voice.providers.local.sound import Floats
from voice.rehearsal import people


def loud(amplitude: int, *, seed: int = 1) -> bytes:
    """A frame of noise."""
    rng = random.Random(seed)
    samples = [rng.randint(-amplitude, amplitude) for _ in range(FRAME_BYTES)]
    return encode(np.array(samples, np.int16).tobytes())


VOICE, HISS = loud(8000), loud(200)


class Detector:
    """Says that it is a voice whenever it is loud, and counts how often it was asked."""

    def __init__(self, *, says: float | None = None) -> None:
        self.asked, self.says = 0, says

    def __call__(self, window: Floats) -> float:
        self.asked += 1
        return self.says if self.says is not None else float(np.abs(window).mean() > 0.05)


def decisions(activity: Activity, frames: list[bytes]) -> list[tuple[int, Began | Stopped]]:
    """What was decided, with the number of the frame it followed."""
    found = [(n, activity.feed(frame)) for n, frame in enumerate(frames)]
    return [(n, decision) for n, decision in found if decision is not None]


def test_a_voice_begins_and_ends_a_fifth_of_a_second_after_its_last_sound() -> None:
    line = [SILENT_FRAME] * 20 + [VOICE] * 30 + [SILENT_FRAME] * 20
    (began, _), (stopped, what) = decisions(Activity(Detector()), line)
    assert 20 <= began <= 24
    assert stopped == 50 + 9
    assert what == Stopped(0.2)


def test_silence_is_never_shown_to_the_detector() -> None:
    detector = Detector()
    decisions(Activity(detector), [SILENT_FRAME] * 200 + [HISS] * 5)
    assert detector.asked == 0


@pytest.mark.parametrize("says", [0.0, 1.0])
def test_once_it_is_known_what_a_sound_is_every_fourth_window_is_looked_at(says: float) -> None:
    detector = Detector(says=says)
    activity = Activity(detector)
    decisions(activity, [VOICE] * 16)  # ten windows
    asked = detector.asked
    decisions(activity, [VOICE] * 64)  # forty
    assert detector.asked - asked == 10


def test_a_window_that_says_otherwise_has_all_after_it_looked_at() -> None:
    detector = Detector(says=1.0)
    activity = Activity(detector)
    decisions(activity, [VOICE] * 24)
    detector.says = 0.0
    found = decisions(activity, [VOICE] * 16)
    ((stopped, what),) = found
    assert isinstance(what, Stopped)
    assert 8 <= stopped <= 14  # 0.2 s and what was passed over; were every fourth looked at: 25


def test_a_noise_that_stays_becomes_the_lines_own_and_is_no_longer_looked_at() -> None:
    detector = Detector(says=0.0)
    activity = Activity(detector)
    decisions(activity, [loud(600)] * 3000)
    asked = detector.asked
    assert decisions(activity, [loud(600)] * 100) == []
    assert detector.asked == asked


def test_what_is_loud_but_no_voice_does_not_begin() -> None:
    assert decisions(Activity(Detector(says=0.1)), [SILENT_FRAME] * 5 + [VOICE] * 50) == []


def test_a_gap_between_two_words_does_not_end_speech() -> None:
    line = [VOICE] * 20 + [SILENT_FRAME] * 8 + [VOICE] * 20
    assert [type(what) for _, what in decisions(Activity(Detector()), line)] == [Began]


def test_on_a_noisy_line_the_detector_says_when_the_voice_ends() -> None:
    line = [loud(900)] * 30 + [VOICE] * 20 + [loud(3000)] * 20
    (_, began), (stopped, what) = decisions(Activity(Detector()), line)
    assert isinstance(began, Began)
    assert isinstance(what, Stopped)
    assert 50 < stopped <= 61
    assert what.silence >= 0.2


def test_an_empty_frame_is_no_sound() -> None:
    assert Activity(Detector()).feed(b"") is None


@pytest.mark.skipif(people.FLITE is None, reason="flite is not installed: nobody can speak")
def test_a_person_who_speaks_is_heard_to_begin_and_to_end() -> None:
    speech = people.say("I would like to book an oil change.", voice="slt")
    frames = [*split_frames(bytes(b"\xff" * 3200) + speech + b"\xff" * 8000, pad=True)]
    found = decisions(Activity(VoiceActivity()), frames)
    ends = 0.02 * found[-1][0] - (3200 + len(speech)) / 8000
    assert isinstance(found[0][1], Began)
    assert found[0][0] * 0.02 < 0.9
    assert isinstance(found[-1][1], Stopped)
    assert ends < 0.3
