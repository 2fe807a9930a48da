"""The Deepgram ear against a simulated Deepgram, through the real SDK."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from simulators.deepgram import DeepgramSimulator, KnownClips, Listening, Utterance, babble
from simulators.waiting import until
from voice.core import events
from voice.providers.base import HearingEvent, ProviderError
from voice.providers.deepgram import DeepgramSpeechToText

QUIET = b"\xff" * 160
SENTENCE = (Utterance(0.4, "I need an oil change please", 1.6),)


class Ear:
    """A connected ear and what it has reported so far."""

    def __init__(self, ear: DeepgramSpeechToText) -> None:
        self.ear = ear
        self.events: list[HearingEvent] = []
        self.ended = False
        ear.tell(self.events.append)

    async def listen(self) -> None:
        await self.ear.listen()
        self.ended = True

    def play(self, seconds: float, audio: bytes = QUIET) -> None:
        for _ in range(int(seconds * 50)):
            self.ear.send(audio)

    async def see(self, kind: type, count: int = 1) -> None:
        await until(lambda: len(self.of(kind)) >= count)

    def of(self, kind: type) -> list[HearingEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def said(self) -> list[str]:
        finals = [e for e in self.events if isinstance(e, events.TranscriptHeard) and e.final]
        return [final.text for final in finals]


def make_ear(simulator: DeepgramSimulator, **settings: object) -> DeepgramSpeechToText:
    return DeepgramSpeechToText(api_key="key", base_url=simulator.url, **settings)  # type: ignore[arg-type]


@asynccontextmanager
async def listening(
    *plans: Listening, **settings: object
) -> AsyncIterator[tuple[Ear, DeepgramSimulator]]:
    async with DeepgramSimulator(listening=plans, keep_audio=True) as simulator:
        ear = make_ear(simulator, **settings)
        heard = Ear(ear)
        await ear.connect()
        listening = asyncio.create_task(heard.listen())
        try:
            yield heard, simulator
        finally:
            await ear.close()
            await listening
        await until(lambda: not simulator.open_sockets)


async def test_an_utterance_is_heard_word_for_word_and_ends_once() -> None:
    async with listening(Listening(script=SENTENCE)) as (ear, simulator):
        ear.play(4)
        await ear.see(events.UtteranceEnded)
        await until(lambda: simulator.heard[0].received_ms == 4000)
    assert isinstance(ear.events[0], events.SpeechStarted)
    assert ear.said() == ["I need an oil change please"]
    assert ear.of(events.UtteranceEnded) == [events.UtteranceEnded("speech_final")]


async def test_the_connection_asks_for_what_a_phone_call_needs() -> None:
    async with listening(Listening(), keywords=("Camry:2",)) as (_, simulator):
        query = simulator.heard[0].query
    assert query["model"] == ["nova-2-phonecall"]
    assert (query["encoding"], query["sample_rate"]) == (["mulaw"], ["8000"])
    assert (query["endpointing"], query["utterance_end_ms"]) == (["300"], ["1000"])
    assert (query["interim_results"], query["no_delay"]) == (["true"], ["true"])
    assert query["keywords"] == ["Camry:2"]


async def test_without_a_speech_final_the_utterance_end_ends_it() -> None:
    async with listening(Listening(script=SENTENCE, never_speech_final=True)) as (ear, _):
        ear.play(4)
        await ear.see(events.UtteranceEnded)
    assert ear.said() == ["I need an oil change please"]
    assert ear.of(events.UtteranceEnded) == [events.UtteranceEnded("utterance_end")]


async def test_an_empty_speech_final_ends_what_the_finals_before_it_said() -> None:
    how = Listening(script=SENTENCE, empty_speech_final=True)
    async with listening(how) as (ear, _):
        ear.play(4)
        await ear.see(events.UtteranceEnded)
    assert ear.said() == ["I need an oil change please"]
    assert ear.of(events.UtteranceEnded) == [events.UtteranceEnded("speech_final")]


async def test_an_utterance_ends_once_though_two_messages_say_so() -> None:
    script = (*SENTENCE, Utterance(4.0, "on Thursday"))
    async with listening(Listening(script=script)) as (ear, _):
        ear.play(7)
        await ear.see(events.UtteranceEnded, 2)
    assert set(ear.of(events.UtteranceEnded)) == {events.UtteranceEnded("speech_final")}


async def test_finals_in_pieces_are_all_kept() -> None:
    async with listening(Listening(script=SENTENCE, split_finals=3)) as (ear, _):
        ear.play(4)
        await ear.see(events.UtteranceEnded)
    assert ear.said() == ["I need", "an oil", "change please"]
    assert len(ear.of(events.UtteranceEnded)) == 1


async def test_a_late_final_is_still_heard() -> None:
    async with listening(Listening(script=SENTENCE, final_delay_s=0.3)) as (ear, _):
        ear.play(4)
        await until(ear.said)
    assert ear.said() == ["I need an oil change please"]


async def test_noise_and_unknown_messages_end_no_utterance() -> None:
    how = Listening(noise_every_ms=400, unknown_messages=True)
    async with listening(how) as (ear, simulator):
        ear.play(4)
        await ear.see(events.SpeechStarted, 10)
        await until(lambda: simulator.heard[0].received_ms == 4000)
    assert set(map(type, ear.events)) == {events.SpeechStarted}


async def test_finalize_brings_the_words_so_far() -> None:
    script = (Utterance(0.4, "one two three four", 4.0),)
    async with listening(Listening(script=script)) as (ear, _):
        ear.play(2.5)
        ear.ear.finalize()
        await until(ear.said)
    assert ear.said() == ["one two"]


async def test_audio_arrives_whole_and_in_order_whether_it_goes_at_once_or_has_to_wait() -> None:
    sent = bytearray()
    async with listening(Listening()) as (ear, simulator):
        for n, burst in enumerate((1, 1, 40, 1, 300, 1, 1, 3000, 1, 2)):
            for frame in range(burst):
                audio = bytes((n, frame % 256, frame // 256, 255)) * 40
                ear.ear.send(audio)
                sent += audio
            if n % 3 == 0:
                ear.ear.finalize()
            await asyncio.sleep(0.002 * (n % 2))
        await until(lambda: len(simulator.heard[0].audio) >= len(sent))
        assert simulator.heard[0].audio == sent


async def test_a_quiet_line_is_kept_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice.providers.deepgram.listen.KEEP_ALIVE_S", 0.02)
    async with listening(Listening(idle_close_s=5)) as (ear, simulator):
        await until(lambda: simulator.heard[0].controls.count("KeepAlive") >= 3)
    assert not ear.of(events.HearingLost)


@pytest.mark.parametrize(
    "fault", [Listening(die_after_ms=1200), Listening(abort_after_ms=1200)], ids=["1011", "abort"]
)
async def test_a_line_that_breaks_mid_sentence_loses_and_doubles_no_word(
    fault: Listening,
) -> None:
    clips = KnownClips()
    clip = babble("My name is Ana Lopez and I drive a Camry")
    clips.add(clip, "My name is Ana Lopez and I drive a Camry")
    worse = Listening(
        transcriber=clips,
        die_after_ms=fault.die_after_ms,
        abort_after_ms=fault.abort_after_ms,
    )
    async with listening(worse, Listening(transcriber=clips)) as (ear, simulator):
        ear.play(0.5)
        for at in range(0, len(clip), 160):
            ear.ear.send(clip[at : at + 160])
        ear.play(2)
        await ear.see(events.UtteranceEnded)
    assert ear.said() == ["My name is Ana Lopez and I drive a Camry"]
    assert len(ear.of(events.HearingLost)) == len(ear.of(events.HearingRestored)) == 1
    assert len(simulator.heard) == 2


async def test_what_a_final_covered_is_not_heard_again() -> None:
    clips = KnownClips()
    first, second = babble("the first sentence"), babble("and the second")
    clips.add(first, "the first sentence")
    clips.add(second, "and the second")
    dies = Listening(transcriber=clips, die_after_ms=2500)
    async with listening(dies, Listening(transcriber=clips)) as (ear, _):
        ear.play(0.2)
        ear.ear.send(first)
        ear.play(1)
        await ear.see(events.UtteranceEnded)
        ear.ear.send(second)
        ear.play(2)
        await ear.see(events.UtteranceEnded, 2)
    assert ear.said() == ["the first sentence", "and the second"]


async def test_an_utterance_whose_end_was_lost_with_the_line_ends_all_the_same() -> None:
    dies = Listening(script=(Utterance(0.2, "yes"),), never_speech_final=True, die_after_ms=2000)
    async with listening(dies, Listening(), utterance_end_ms=1000) as (ear, simulator):
        ear.play(1.8)
        ear.ear.finalize()
        await until(ear.said)
        ear.play(1)
        await ear.see(events.HearingRestored)
        await ear.see(events.UtteranceEnded)
        assert len(simulator.heard) == 2
    assert ear.said() == ["yes"]
    assert ear.of(events.UtteranceEnded) == [events.UtteranceEnded("deadline")]


async def test_an_ear_that_cannot_be_brought_back_says_so_and_ends() -> None:
    gone = Listening(handshake_status=500)
    plans = (Listening(die_after_ms=100), gone)
    async with listening(*plans, retry_s=(0.0, 0.01)) as (ear, _):
        ear.play(1)
        await until(lambda: ear.ended)
    assert ear.events == [events.HearingLost(), events.HearingLost(for_good=True)]


async def test_a_key_that_was_withdrawn_is_not_tried_again() -> None:
    plans = (Listening(die_after_ms=100), Listening(handshake_status=401))
    async with listening(*plans, retry_s=(0.0, 60.0, 60.0)) as (ear, _):
        ear.play(1)
        await until(lambda: ear.ended)
    assert ear.events[-1] == events.HearingLost(for_good=True)


@pytest.mark.parametrize(
    ("status", "retryable"), [(400, False), (401, False), (429, True), (500, True)]
)
async def test_a_refused_handshake_is_a_provider_error(status: int, retryable: bool) -> None:
    async with DeepgramSimulator(listening=Listening(handshake_status=status)) as simulator:
        with pytest.raises(ProviderError) as failure:
            await make_ear(simulator).connect()
    assert (failure.value.reason, failure.value.retryable) == (f"http_{status}", retryable)


async def test_a_handshake_that_takes_for_ever_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("voice.providers.deepgram.link.CONNECT_S", 0.1)
    async with DeepgramSimulator(listening=Listening(handshake_delay_s=1)) as simulator:
        with pytest.raises(ProviderError, match="timeout"):
            await make_ear(simulator).connect()


async def test_nobody_there_is_a_provider_error() -> None:
    ear = DeepgramSpeechToText(api_key="key", base_url="http://127.0.0.1:9")
    with pytest.raises(ProviderError) as failure:
        await ear.connect()
    assert failure.value.retryable
    await ear.close()


async def test_a_server_that_stops_reading_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice.providers.deepgram.ear.SEND_S", 0.2)
    monkeypatch.setattr("voice.providers.deepgram.socket.GOODBYE_S", 0.1)
    async with listening(Listening(hang_s=1.0), Listening()) as (ear, _):
        for _ in range(40):  # enough to fill every buffer in between
            ear.ear.send(babble("x" * 250))
            await asyncio.sleep(0)
        await ear.see(events.HearingRestored)


async def test_interims_grow() -> None:
    async with listening(Listening(script=SENTENCE, interim_every_ms=200)) as (ear, _):
        ear.play(4)
        await ear.see(events.UtteranceEnded)
    heard = [e.text for e in ear.events if isinstance(e, events.TranscriptHeard)]
    assert len(heard) > 4
    assert all(later.startswith(earlier) for earlier, later in pairwise(heard))
