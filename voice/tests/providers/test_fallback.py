"""Whatever provider fails, somebody else hears, speaks or answers, and it can be seen."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest

from simulators.deepgram import DeepgramSimulator, KnownClips, Listening, Speaking, babble, hum
from simulators.openai import Fault, OpenAISimulator, say
from simulators.waiting import until
from voice.core import events
from voice.core.history import CallerTurn, Expectation, Item
from voice.metrics import PROVIDER_FAILURES
from voice.providers import circuit as circuits
from voice.providers.base import HearingEvent, Play, Prompt, ProviderError, ReplyPiece, Words
from voice.providers.circuit import circuit
from voice.providers.deepgram import DeepgramSpeechToText, DeepgramTextToSpeech
from voice.providers.fallback import (
    Choice,
    FallbackSpeechToText,
    FallbackTextToSpeech,
    GuardedChatModel,
)
from voice.providers.openai import OpenAIChatModel
from voice.providers.teller import Teller
from voice.tests.told import Told, said

PROMPT = Prompt("Static.", "", (), "v1")
LONG = "This is a sentence that takes a good while to be said."
numbers = count()


@pytest.fixture
def name() -> str:
    """A provider that no other test has made fail."""
    return f"provider-{next(numbers)}"


class OtherVoice:
    """A voice that always works."""

    async def connect(self) -> None:
        """Nothing to connect."""

    async def speak(self, text: str, play: Play, *, last: bool) -> None:
        play(b"other:" + text.encode())

    async def close(self) -> None:
        """Nothing to close."""


class OtherEar(Teller):
    """An ear that reports how much it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.audio = b""
        self.expects: Expectation | None = None

    async def connect(self) -> None:
        """Nothing to connect."""

    def send(self, audio: bytes) -> None:
        self.audio += audio

    def expect(self, expects: Expectation) -> None:
        self.expects = expects

    def finalize(self) -> None:
        self._hear(events.TranscriptHeard("heard by the other", True))

    async def close(self) -> None:
        self._end()


def voices(simulator: DeepgramSimulator, name: str) -> FallbackTextToSpeech:
    def cloud() -> Any:
        return DeepgramTextToSpeech(api_key="key", base_url=simulator.url)

    return FallbackTextToSpeech(Choice(name, cloud), Choice(f"{name}-other", OtherVoice))


def failures(name: str) -> float:
    return float(PROVIDER_FAILURES.labels(name)._value.get())


async def test_while_the_first_voice_works_it_speaks(name: str) -> None:
    async with DeepgramSimulator() as simulator:
        voice = voices(simulator, name)
        await voice.connect()
        assert await said(voice, "Hello.") == hum("Hello. ")
        assert voice.name == name
        await voice.close()


async def test_a_voice_that_cannot_be_reached_is_replaced_and_counted(name: str) -> None:
    async with DeepgramSimulator(speaking=Speaking(handshake_status=503)) as simulator:
        voice = voices(simulator, name)
        await voice.connect()
        assert await said(voice, "Hello.") == b"other:Hello."
        await voice.close()
    assert failures(name) == 1


async def test_words_that_are_wanted_while_it_connects_wait_for_it(name: str) -> None:
    async with DeepgramSimulator(speaking=Speaking(handshake_delay_s=0.1)) as simulator:
        voice = voices(simulator, name)
        heard, _ = await asyncio.gather(said(voice, "Hello."), voice.connect())
        assert heard == hum("Hello. ")
        await voice.close()


async def test_a_clause_that_breaks_off_is_said_whole_by_the_other_voice(name: str) -> None:
    async with DeepgramSimulator(speaking=Speaking(die_after_bytes=3200)) as simulator:
        voice = voices(simulator, name)
        await voice.connect()
        assert (await said(voice, LONG)).endswith(b"other:" + LONG.encode())
        assert await said(voice, "And on.") == b"other:And on."
        await voice.close()


async def test_when_no_voice_is_left_it_is_a_fault(name: str) -> None:
    async with DeepgramSimulator(speaking=Speaking(error_on_flush=True)) as simulator:

        def cloud() -> Any:
            return DeepgramTextToSpeech(api_key="key", base_url=simulator.url)

        voice = FallbackTextToSpeech(Choice(name, cloud))
        await voice.connect()
        with pytest.raises(ProviderError):
            await said(voice, "Hello.")
        await voice.close()


async def test_a_voice_that_is_down_is_not_waited_for_and_comes_back_by_itself(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(circuits, "FIRST_PAUSE_S", 0.01)
    circuit(name)._pause_s = 0.01
    plans = [Speaking(handshake_status=401), Speaking(handshake_status=503), Speaking()]
    async with DeepgramSimulator(speaking=plans) as simulator:
        voice = voices(simulator, name)
        await voice.connect()
        assert circuit(name).is_open
        await voice.close()
        await until(lambda: not circuit(name).is_open)
        again = voices(simulator, name)
        await again.connect()
        assert again.name == name
        await again.close()


async def test_what_a_caller_says_while_the_ear_is_being_connected_is_heard(name: str) -> None:
    clips, sentence = KnownClips(), babble("my brakes squeal")
    clips.add(sentence, "my brakes squeal")
    listening = Listening(transcriber=clips, handshake_delay_s=0.3)
    async with DeepgramSimulator(listening=listening) as simulator:

        def cloud() -> Any:
            return DeepgramSpeechToText(api_key="key", base_url=simulator.url)

        ear = FallbackSpeechToText(Choice(name, cloud), Choice(f"{name}-other", OtherEar))
        told = Told(ear)
        connecting = asyncio.create_task(ear.connect())
        await asyncio.sleep(0)
        for at in range(0, len(sentence), 160):
            ear.send(sentence[at : at + 160])
        await connecting
        for _ in range(50):
            ear.send(b"\xff" * 160)
        async with asyncio.timeout(10):
            heard = [event async for event in first_utterance(told)]
        await ear.close()
    said = [each.text for each in heard if isinstance(each, events.TranscriptHeard) and each.final]
    assert " ".join(said) == "my brakes squeal"


async def first_utterance(told: Told) -> AsyncIterator[HearingEvent]:
    """What is heard up to the first end of an utterance."""
    async for event in told:
        yield event
        if isinstance(event, events.UtteranceEnded):
            return


async def test_an_ear_lost_for_good_is_replaced_and_told_what_was_not_heard(name: str) -> None:
    clips, first = KnownClips(), babble("the first sentence")
    clips.add(first, "the first sentence")
    plans = [
        Listening(transcriber=clips, die_after_ms=2800),
        Listening(handshake_status=401),
    ]
    other = OtherEar()
    async with DeepgramSimulator(listening=plans) as simulator:

        def cloud() -> Any:
            return DeepgramSpeechToText(api_key="key", base_url=simulator.url)

        ear = FallbackSpeechToText(Choice(name, cloud), Choice(f"{name}-other", lambda: other))
        heard: list[HearingEvent] = []
        ear.tell(heard.append)
        await ear.connect()
        listening = asyncio.create_task(ear.listen())
        ear.expect(Expectation.PHONE)
        for at in range(0, len(first), 160):
            ear.send(first[at : at + 160])
        for _ in range(50):
            ear.send(b"\xff" * 160)
        await until(lambda: any(isinstance(e, events.UtteranceEnded) for e in heard))
        ear.send(b"\x01" * 8000)
        await until(lambda: events.HearingRestored() in heard)
        ear.send(b"\x02" * 160)
        ear.finalize()
        await until(lambda: events.TranscriptHeard("heard by the other", True) in heard)
        await ear.close()
        await listening
    assert other.audio.endswith(b"\x01" * 8000 + b"\x02" * 160)
    assert first[:1600] not in other.audio
    assert other.expects is Expectation.PHONE
    assert events.HearingLost(for_good=True) not in heard


async def test_when_nobody_is_left_to_listen_the_call_is_told(name: str) -> None:
    plans = [Listening(die_after_ms=100), Listening(handshake_status=401)]
    async with DeepgramSimulator(listening=plans) as simulator:

        def cloud() -> Any:
            return DeepgramSpeechToText(api_key="key", base_url=simulator.url)

        ear = FallbackSpeechToText(Choice(name, cloud))
        told = Told(ear)
        await ear.connect()
        ear.send(b"\xff" * 8000)
        async with asyncio.timeout(20):
            heard = [event async for event in told]
        await ear.close()
    assert heard == [events.HearingLost(), events.HearingLost(for_good=True)]


async def think(model: GuardedChatModel) -> str:
    history: tuple[Item, ...] = (CallerTurn("Hello"),)
    pieces: list[ReplyPiece] = [piece async for piece in model.reply(PROMPT, history)]
    return "".join(piece.text for piece in pieces if isinstance(piece, Words))


async def test_a_model_that_is_down_fails_at_once_and_comes_back(name: str) -> None:
    circuit(name)._pause_s = 0.05
    faults = [Fault.NO_QUOTA, Fault.NONE]
    async with OpenAISimulator(say("Back again."), faults=faults) as simulator:
        model = OpenAIChatModel(api_key="k", base_url=simulator.url)
        guarded = GuardedChatModel(name, model, model.check)
        with pytest.raises(ProviderError, match="insufficient_quota"):
            await think(guarded)
        with pytest.raises(ProviderError, match="known_to_be_down"):
            await think(guarded)
        await until(lambda: not circuit(name).is_open)
        assert await think(guarded) == "Back again."
        await guarded.close()


async def test_a_call_needs_somebody() -> None:
    with pytest.raises(ValueError, match="at least one"):
        FallbackTextToSpeech()
