"""The Flux ear against a simulated Flux, through the real SDK."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from simulators.deepgram import DeepgramSimulator, KnownClips, Listening, Utterance, babble
from simulators.waiting import until
from voice.core import events
from voice.core.history import Expectation
from voice.providers import flux
from voice.providers.base import HearingEvent, ProviderError
from voice.providers.flux import FluxSpeechToText

QUIET = b"\xff" * 160
SENTENCE = (Utterance(0.4, "I need an oil change please", 1.6),)


class Ear:
    """A connected ear and what it has reported so far."""

    def __init__(self, ear: FluxSpeechToText) -> None:
        self.ear = ear
        self.events: list[HearingEvent] = []
        ear.tell(self.events.append)

    def play(self, seconds: float) -> None:
        for _ in range(int(seconds * 50)):
            self.ear.send(QUIET)

    async def see(self, kind: type, count: int = 1) -> None:
        await until(lambda: sum(isinstance(event, kind) for event in self.events) >= count)

    def finals(self) -> list[str]:
        heard = [e for e in self.events if isinstance(e, events.TranscriptHeard) and e.final]
        return [event.text for event in heard]


@pytest.fixture(autouse=True)
def _no_made_up_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts run by media time, which silence of our own would move."""
    monkeypatch.setattr(FluxSpeechToText, "idle_s", 60.0)


@asynccontextmanager
async def listening(*plans: Listening) -> AsyncIterator[tuple[Ear, DeepgramSimulator]]:
    async with DeepgramSimulator(listening=plans, keep_audio=True) as simulator:
        ear = FluxSpeechToText(api_key="key", base_url=simulator.url, keyterms=("Camry",))
        heard = Ear(ear)
        await ear.connect()
        try:
            yield heard, simulator
        finally:
            await ear.close()
        await until(lambda: not simulator.open_sockets)


async def test_a_turn_is_expected_to_end_and_then_ends_with_the_same_words() -> None:
    async with listening(Listening(script=SENTENCE)) as (ear, simulator):
        ear.play(4)
        await ear.see(events.UtteranceEnded)
    assert isinstance(ear.events[0], events.SpeechStarted)
    at = ear.events.index(events.EndExpected())
    before = ear.events[at - 1]
    assert isinstance(before, events.TranscriptHeard)
    assert [before.text] == ear.finals() == ["I need an oil change please"]
    assert ear.events[-1] == events.UtteranceEnded("flux")
    query = simulator.heard[0].query
    assert (query["model"], query["encoding"]) == (["flux-general-en"], ["mulaw"])
    assert query["keyterm"] == ["Camry"]
    assert "interim_results" not in query


async def test_a_caller_who_goes_on_resumes_the_turn() -> None:
    script = (Utterance(0.4, "I need an oil change", 1.0), Utterance(1.8, "and a rotation", 1.0))
    async with listening(Listening(script=script)) as (ear, _):
        ear.play(5)
        await ear.see(events.UtteranceEnded)
    assert ear.finals() == ["I need an oil change and a rotation"]
    assert ear.events.count(events.EndExpected()) == 2
    assert ear.events.count(events.SpeechStarted()) == 2


async def test_what_is_asked_changes_the_patience_one_request_at_a_time() -> None:
    async with listening(Listening()) as (ear, simulator):
        for expects in (Expectation.YES_NO, Expectation.PHONE, Expectation.VIN):
            ear.ear.expect(expects)
        await until(lambda: "Configure" in simulator.heard[0].controls)
        ear.ear.expect(Expectation.OPEN)
        await until(lambda: simulator.heard[0].controls.count("Configure") == 2)


async def test_a_request_waits_for_the_answer_to_the_one_before() -> None:
    async with listening(Listening(configure_delay_s=0.3)) as (ear, simulator):
        ear.ear.expect(Expectation.YES_NO)
        await until(lambda: "Configure" in simulator.heard[0].controls)
        ear.ear.expect(Expectation.PHONE)
        await until(lambda: simulator.heard[0].controls.count("Configure") == 2)
    assert "ConfigureRefused" not in simulator.heard[0].controls


async def test_the_end_of_a_turn_can_be_asked_for() -> None:
    async with listening(Listening(script=(Utterance(0.4, "one two three four", 4.0),))) as (
        ear,
        _,
    ):
        ear.play(2.4)
        await ear.see(events.TranscriptHeard, 2)
        ear.ear.finalize()
        await ear.see(events.UtteranceEnded)
    assert ear.finals() == ["one two"]


async def test_between_turns_nothing_is_asked_for() -> None:
    async with listening(Listening()) as (ear, simulator):
        ear.ear.finalize()
        ear.play(1)
        await until(lambda: simulator.heard[0].received_ms >= 900)
    assert simulator.heard[0].controls == []


async def test_when_audio_stops_silence_is_sent_so_that_the_turn_can_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(FluxSpeechToText, "idle_s", 0.02)
    async with listening(Listening(script=SENTENCE)) as (ear, _):
        ear.play(2.0)
        await ear.see(events.UtteranceEnded)
    assert ear.finals() == ["I need an oil change please"]


async def test_a_line_that_breaks_mid_turn_loses_and_doubles_no_word() -> None:
    clips, clip = KnownClips(), babble("My name is Ana Lopez and I drive a Camry")
    clips.add(clip, "My name is Ana Lopez and I drive a Camry")
    dies = Listening(transcriber=clips, die_after_ms=1300)
    async with listening(dies, Listening(transcriber=clips)) as (ear, _):
        ear.play(0.5)
        for at in range(0, len(clip), 160):
            ear.ear.send(clip[at : at + 160])
        ear.play(2)
        await ear.see(events.UtteranceEnded)
    assert ear.finals() == ["My name is Ana Lopez and I drive a Camry"]
    assert events.HearingLost() in ear.events
    assert events.HearingRestored() in ear.events


async def test_a_refused_key_is_a_provider_error() -> None:
    async with DeepgramSimulator(listening=Listening(handshake_status=401)) as simulator:
        ear = FluxSpeechToText(api_key="key", base_url=simulator.url)
        with pytest.raises(ProviderError, match="http_401"):
            await ear.connect()
        await ear.close()


def test_dictated_numbers_get_more_patience_than_a_yes() -> None:
    assert flux._THRESHOLDS[Expectation.PHONE] > flux._THRESHOLDS[Expectation.YES_NO]
