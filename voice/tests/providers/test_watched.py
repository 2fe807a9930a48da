"""A cloud's ear with our own voice activity beside it."""

import asyncio
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.audio import SILENT_FRAME, split_frames
from voice.core import events
from voice.core.history import Expectation
from voice.providers.base import HearingEvent
from voice.providers.teller import Teller
from voice.providers.watched import SURELY_SILENT_MS, WatchedSpeechToText
from voice.rehearsal import people

SPEECH = people.say("I would like an oil change.", voice="slt") if people.FLITE else b""
needs_speech = pytest.mark.skipif(not SPEECH, reason="flite is not installed: nobody can speak")


class Cloud(Teller):
    """An ear that says what the test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = list[bytes]()
        self.finalized = self.closed = False
        self.expects = Expectation.OPEN

    async def connect(self) -> None:
        """Nothing to do."""

    def send(self, audio: bytes) -> None:
        """Keep."""
        self.heard.append(audio)

    def expect(self, expects: Expectation) -> None:
        """Remember."""
        self.expects = expects

    def finalize(self) -> None:
        """Remember."""
        self.finalized = True

    def say(self, event: HearingEvent | BaseException) -> None:
        """Tell it, or end by it."""
        if isinstance(event, BaseException):
            self._end(event)
        else:
            self._hear(event)

    async def close(self) -> None:
        """Over."""
        self.closed = True
        self._end()


async def heard(cloud: Cloud, audio: bytes, *said: HearingEvent | BaseException) -> list[object]:
    """All events of a call with this audio, in which the cloud says these things at the end."""
    ear = WatchedSpeechToText(cloud)
    found = list[object]()
    ear.tell(found.append)
    await ear.connect()
    for frame in split_frames(audio, pad=True):
        ear.send(frame)
    for event in said:
        cloud.say(event)
    await ear.close()
    assert cloud.closed
    await ear.listen()
    return found


@needs_speech
async def test_our_own_onset_and_silence_come_with_the_clouds_words() -> None:
    cloud = Cloud()
    words = events.TranscriptHeard("an oil change", True)
    found = await heard(cloud, SILENT_FRAME * 10 + SPEECH + SILENT_FRAME * 20, words)
    assert found[0] == events.SpeechStarted()
    assert isinstance(found[-2], events.SpeechStopped)
    assert not found[-2].words_follow
    assert found[-1] == words
    line = SILENT_FRAME * 10 + SPEECH + SILENT_FRAME * 20
    assert b"".join(cloud.heard)[: len(line)] == line


async def sent(cloud: Cloud, frames: list[bytes]) -> WatchedSpeechToText:
    """An ear that was given these frames."""
    ear = WatchedSpeechToText(cloud)
    await ear.connect()
    for frame in frames:
        ear.send(frame)
    return ear


SURELY = SURELY_SILENT_MS // 20
LOUD = bytes(random.Random(1).randbytes(160))


async def test_a_long_silence_goes_out_five_frames_at_a_time() -> None:
    cloud = Cloud()
    await sent(cloud, [SILENT_FRAME] * (SURELY + 99))
    assert [len(each) // 160 for each in cloud.heard] == [1] * (SURELY - 1) + [5] * 20


async def test_the_first_sound_after_a_silence_waits_for_nothing() -> None:
    cloud = Cloud()
    await sent(cloud, [SILENT_FRAME] * (SURELY + 1) + [LOUD])
    assert cloud.heard[-1] == SILENT_FRAME * 2 + LOUD


async def test_what_was_gathered_goes_out_before_the_final_words_are_asked_for() -> None:
    cloud = Cloud()
    ear = await sent(cloud, [SILENT_FRAME] * (SURELY + 1))
    ear.finalize()
    assert cloud.heard[-1] == SILENT_FRAME * 2
    assert cloud.finalized


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 120)), max_size=12))
@settings(max_examples=30, deadline=None)
def test_the_cloud_hears_every_frame_once_and_in_order(line: list[tuple[bool, int]]) -> None:
    frames = [LOUD if loud else SILENT_FRAME for loud, length in line for _ in range(length)]
    cloud = Cloud()
    ear = asyncio.run(sent(cloud, frames))
    ear.finalize()
    assert b"".join(cloud.heard) == b"".join(frames)


async def test_the_clouds_onset_is_not_told_twice() -> None:
    end = events.UtteranceEnded("speech_final")
    found = await heard(Cloud(), SILENT_FRAME * 10, events.SpeechStarted(), end)
    assert found == [end]


async def test_what_is_asked_of_the_ear_reaches_the_cloud() -> None:
    cloud = Cloud()
    ear = WatchedSpeechToText(cloud)
    ear.expect(Expectation.PHONE)
    ear.finalize()
    assert (cloud.expects, cloud.finalized) == (Expectation.PHONE, True)
    await ear.close()


async def test_a_bug_in_the_cloud_s_ear_is_not_swallowed() -> None:
    with pytest.raises(KeyError):
        await heard(Cloud(), b"", KeyError("a bug"))
