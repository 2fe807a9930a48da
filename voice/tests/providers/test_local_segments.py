"""Speech is cut into segments where a recogniser wants it cut."""

import numpy as np
import pytest

from voice.core.history import Expectation
from voice.providers.local.segments import Began, Decision, Ended, Grew, Segmenter
from voice.providers.local.sound import Floats

WINDOW = b"\x00" * 256
QUIET = b"\xff" * 256


def is_loud(window: Floats) -> float:
    """A detector that cannot err."""
    return 1.0 if np.abs(window).max() > 0.1 else 0.0


def run(segmenter: Segmenter, *parts: tuple[bytes, int]) -> list[Decision]:
    """Decisions for so many windows of each kind of audio."""
    audio = b"".join(part * count for part, count in parts)
    return [
        decision
        for at in range(0, len(audio), 160)
        for decision in segmenter.feed(audio[at : at + 160])
    ]


def ends(decisions: list[Decision]) -> list[Ended]:
    return [decision for decision in decisions if isinstance(decision, Ended)]


def test_speech_between_silences_is_one_segment_with_its_lead_in() -> None:
    decisions = run(Segmenter(is_loud), (QUIET, 20), (WINDOW, 30), (QUIET, 30))
    assert isinstance(decisions[0], Began)
    [ended] = ends(decisions)
    assert np.abs(ended.audio[: 256 * 3]).max() < 0.1
    assert np.abs(ended.audio[256 * 3 : 256 * 33]).min() > 0.1
    assert len(ended.audio) == 256 * (3 + 30 + 8)


def test_a_click_is_no_speech() -> None:
    assert run(Segmenter(is_loud), (QUIET, 20), (WINDOW, 1), (QUIET, 30)) == []


def test_the_length_of_what_was_said_is_told_while_it_grows() -> None:
    decisions = run(Segmenter(is_loud), (QUIET, 20), (WINDOW, 30))
    lengths = [decision.ms for decision in decisions if isinstance(decision, Grew)]
    assert lengths == sorted(lengths)
    assert lengths[-1] >= 30 * 32


@pytest.mark.parametrize(("expects", "segments"), [(Expectation.OPEN, 3), (Expectation.PHONE, 1)])
def test_dictated_digits_stay_together(expects: Expectation, segments: int) -> None:
    segmenter = Segmenter(is_loud)
    segmenter.expects = expects
    gap, digit = (QUIET, 12), (WINDOW, 12)
    decisions = run(segmenter, (QUIET, 9), digit, gap, digit, gap, digit, (QUIET, 40))
    assert len(ends(decisions)) == segments


def test_endless_speech_is_cut_and_goes_on() -> None:
    decisions = run(Segmenter(is_loud), (QUIET, 9), (WINDOW, 1000), (QUIET, 40))
    cuts = [ended.cut for ended in ends(decisions)]
    assert cuts == [True, True, False]
    assert sum(isinstance(decision, Began) for decision in decisions) == 1


def test_a_cut_on_demand_takes_what_there_is_and_the_rest_follows() -> None:
    segmenter = Segmenter(is_loud)
    run(segmenter, (QUIET, 9), (WINDOW, 30))
    audio = segmenter.cut()
    assert audio is not None
    assert len(audio) > 30 * 256
    [ended] = ends(run(segmenter, (WINDOW, 10), (QUIET, 40)))
    assert len(ended.audio) < 25 * 256


def test_between_segments_there_is_nothing_to_cut() -> None:
    segmenter = Segmenter(is_loud)
    run(segmenter, (QUIET, 50))
    assert segmenter.cut() is None


def test_the_detector_begins_anew_after_every_segment() -> None:
    told: list[str] = []
    segmenter = Segmenter(is_loud, lambda: told.append("anew"))
    run(segmenter, (QUIET, 20), (WINDOW, 30), (QUIET, 30))
    assert told == ["anew"]
    run(segmenter, (WINDOW, 1), (QUIET, 30))
    assert told == ["anew"], "a click is no segment"
    run(segmenter, (WINDOW, 30), (QUIET, 30))
    assert told == ["anew", "anew"]
