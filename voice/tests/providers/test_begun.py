"""What begins before its call: one connection however often it is asked for, no word late or twice."""

import asyncio

import pytest

from simulators.waiting import until
from voice.core import events
from voice.core.history import Expectation
from voice.providers.base import HearingEvent, Play, ProviderError
from voice.providers.begun import BegunSpeechToText, BegunTextToSpeech
from voice.providers.fallback import Choice, FallbackSpeechToText
from voice.providers.teller import Teller

HELLO = "Hi Ana, thanks for calling."
DOWN = ProviderError("voice", "down", retryable=True)


class Line:
    """What an ear and a voice have in common: a connection that may take its time or fail."""

    def __init__(self, *, fails: bool = False) -> None:
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.connected = self.closed = 0
        self._fails = fails

    async def connect(self) -> None:
        await self.goes_on.wait()
        if self._fails:
            raise DOWN
        self.connected += 1

    async def close(self) -> None:
        self.closed += 1


class Voice(Line):
    """Says a clause word by word, as fast as it is let."""

    def __init__(self, *, fails: bool = False) -> None:
        super().__init__(fails=fails)
        self.asked: list[str] = []
        self.left_early = 0
        self.breaks_after: int | None = None

    async def speak(self, text: str, play: Play, *, last: bool) -> None:
        self.asked.append(text)
        try:
            for n, word in enumerate(text.split()):
                if n == self.breaks_after:
                    self.breaks_after = None
                    raise DOWN
                play(word.encode())
                await self.goes_on.wait()
        except asyncio.CancelledError:
            self.left_early += 1
            raise


class Ear(Line, Teller):
    """Notes what it was sent."""

    def __init__(self) -> None:
        Line.__init__(self)
        Teller.__init__(self)
        self.audio = b""

    def send(self, audio: bytes) -> None:
        self.audio += audio
        self._hear(events.SpeechStarted())

    def expect(self, expects: Expectation) -> None: ...

    def finalize(self) -> None: ...

    async def close(self) -> None:
        await super().close()
        self._end()


async def said(voice: BegunTextToSpeech, text: str = HELLO) -> bytes:
    played: list[bytes] = []
    await voice.speak(text, played.append, last=False)
    return b"".join(played)


async def test_whoever_connects_waits_for_the_one_connection_that_is_under_way() -> None:
    voice = Voice()
    voice.goes_on.clear()
    begun = BegunTextToSpeech(voice)
    waiting = asyncio.create_task(begun.connect())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    voice.goes_on.set()
    await waiting
    await begun.connect()
    assert voice.connected == 1
    await begun.close()
    assert voice.closed == 1


async def test_a_connection_that_failed_says_so_and_raises_it_again() -> None:
    begun = BegunTextToSpeech(Voice(fails=True))
    assert not begun.has_failed
    await until(lambda: begun.has_failed)
    with pytest.raises(ProviderError):
        await begun.connect()
    await begun.close()


async def test_closing_waits_for_no_connection_that_is_still_to_come() -> None:
    voice = Voice()
    voice.goes_on.clear()
    begun = BegunTextToSpeech(voice)
    await asyncio.sleep(0)
    await asyncio.wait_for(begun.close(), 5)
    assert (voice.connected, voice.closed) == (0, 1)


async def test_a_clause_that_was_made_ahead_is_spoken_without_being_made_again() -> None:
    voice = Voice()
    begun = BegunTextToSpeech(voice)
    assert await begun.say_ahead(HELLO) == b"HiAna,thanksforcalling."
    assert await said(begun) == b"HiAna,thanksforcalling."
    assert voice.asked == [HELLO]
    assert await said(begun) == b"HiAna,thanksforcalling."
    assert voice.asked == [HELLO, HELLO]


async def test_a_clause_that_is_being_made_is_spoken_from_where_its_making_has_got_to() -> None:
    voice = Voice()
    begun = BegunTextToSpeech(voice)
    await begun.connect()
    voice.goes_on.clear()
    making = asyncio.create_task(begun.say_ahead(HELLO))
    await until(lambda: voice.asked)
    played: list[bytes] = []
    speaking = asyncio.create_task(begun.speak(HELLO, played.append, last=False))
    await until(lambda: played == [b"Hi"])
    voice.goes_on.set()
    await speaking
    assert played == [b"Hi", b"Ana,", b"thanks", b"for", b"calling."]
    assert await making == b"HiAna,thanksforcalling."
    assert voice.asked == [HELLO]


async def test_leaving_a_clause_early_drops_what_is_still_being_made_of_it() -> None:
    voice = Voice()
    begun = BegunTextToSpeech(voice)
    await begun.connect()
    voice.goes_on.clear()
    making = asyncio.create_task(begun.say_ahead(HELLO))
    await until(lambda: voice.asked)
    played: list[bytes] = []
    speaking = asyncio.create_task(begun.speak(HELLO, played.append, last=False))
    await until(lambda: played)
    speaking.cancel()
    await asyncio.wait([speaking])
    assert (speaking.cancelled(), voice.left_early) == (True, 1)
    assert await making == b""


async def test_what_failed_before_it_was_heard_is_asked_for_anew() -> None:
    voice = Voice()
    voice.breaks_after = 0
    begun = BegunTextToSpeech(voice)
    assert await begun.say_ahead(HELLO) == b""
    assert await said(begun) == b"HiAna,thanksforcalling."


async def test_what_fails_midway_fails_for_whoever_speaks_it() -> None:
    voice = Voice()
    voice.breaks_after = 2
    begun = BegunTextToSpeech(voice)
    assert await begun.say_ahead(HELLO) == b""
    with pytest.raises(ProviderError):
        await said(begun)
    assert voice.asked == [HELLO]


async def test_closing_stops_what_is_being_made() -> None:
    voice = Voice()
    begun = BegunTextToSpeech(voice)
    await begun.connect()
    voice.goes_on.clear()
    making = asyncio.create_task(begun.say_ahead(HELLO))
    await until(lambda: voice.asked)
    await begun.close()
    assert await making == b""
    assert (voice.left_early, voice.closed) == (1, 1)


async def test_what_is_said_while_the_ear_still_connects_is_heard_once() -> None:
    ear = Ear()
    ear.goes_on.clear()
    begun = BegunSpeechToText(FallbackSpeechToText(Choice("begun-ear", lambda: ear)))
    begun.send(b"early ")
    waiting = asyncio.create_task(begun.connect())
    await asyncio.sleep(0.01)
    begun.send(b"words, ")
    ear.goes_on.set()
    await waiting
    begun.send(b"late words")
    await begun.connect()
    assert ear.audio == b"early words, late words"
    await begun.close()
    assert ear.closed == 1


async def test_what_the_ear_hears_is_told_to_whoever_asks_when_the_call_begins() -> None:
    begun = BegunSpeechToText(FallbackSpeechToText(Choice("begun-ear", Ear)))
    await begun.connect()
    told: list[HearingEvent] = []
    begun.tell(told.append)
    begun.send(b"frame")
    assert told == [events.SpeechStarted()]
    listening = asyncio.create_task(begun.listen())
    await begun.close()
    await asyncio.wait_for(listening, 1)


async def test_frames_after_the_connection_and_before_the_call_connects_are_heard_once() -> None:
    ear = Ear()
    begun = BegunSpeechToText(FallbackSpeechToText(Choice("begun-ear", lambda: ear)))
    await until(lambda: ear.connected)
    begun.send(b"kept while the call was set up")
    await begun.connect()
    assert ear.audio == b"kept while the call was set up"
    await begun.close()
