"""A second voice behind the same interface: ElevenLabs against its simulator."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from simulators.deepgram import hum
from simulators.elevenlabs import ElevenLabsSimulator, Manner
from simulators.waiting import until
from voice.providers.base import ProviderError
from voice.providers.elevenlabs import ElevenLabsTextToSpeech
from voice.tests.told import said, said_a_little


@asynccontextmanager
async def speaking(
    manner: Manner | None = None, voice_id: str = "simulated"
) -> AsyncIterator[tuple[ElevenLabsTextToSpeech, ElevenLabsSimulator]]:
    async with ElevenLabsSimulator(manner) as simulator:
        voice = ElevenLabsTextToSpeech(api_key="key", voice_id=voice_id, base_url=simulator.url)
        try:
            yield voice, simulator
        finally:
            await voice.close()


async def test_a_clause_is_spoken_whole() -> None:
    async with speaking() as (voice, simulator):
        await voice.connect()
        assert await said(voice, "Sure, I can help.") == hum("Sure, I can help.")
    assert simulator.asked[0]["model_id"] == "eleven_flash_v2_5"


async def test_the_clauses_of_a_reply_know_what_came_before() -> None:
    async with speaking() as (voice, simulator):
        await said(voice, "Sure.", last=False)
        await said(voice, "How about Monday?", last=True)
        await said(voice, "Goodbye.", last=True)
    assert [body.get("previous_text") for body in simulator.asked] == [None, "Sure.", None]


async def test_a_barge_in_closes_the_request_and_the_next_clause_is_clean() -> None:
    async with speaking(Manner(chunk_s=0.05)) as (voice, simulator):
        await said_a_little(voice, "A sentence of some length.")
        await until(lambda: simulator.cancelled == 1)
        assert await said(voice, "Yes.") == hum("Yes.")


async def test_a_cancelled_clause_closes_the_request() -> None:
    async with speaking(Manner(first_audio_s=1.0)) as (voice, simulator):
        task = asyncio.create_task(said(voice, "A sentence."))
        await until(lambda: simulator.asked)
        task.cancel()
        await until(lambda: simulator.cancelled == 1)
        await asyncio.wait([task])


@pytest.mark.parametrize(
    ("status", "retryable"), [(401, False), (422, False), (429, True), (500, True)]
)
async def test_a_refusal_is_a_provider_error(status: int, retryable: bool) -> None:
    async with speaking(Manner(status=status)) as (voice, _):
        for attempt in (voice.connect(), said(voice, "Hello.")):
            with pytest.raises(ProviderError) as failure:
                await attempt
            assert (failure.value.reason, failure.value.retryable) == (f"http_{status}", retryable)


async def test_a_voice_that_does_not_exist_is_found_out_at_once() -> None:
    async with speaking(voice_id="nobody") as (voice, _):
        with pytest.raises(ProviderError, match="http_404"):
            await voice.connect()


async def test_a_line_that_drops_mid_clause_is_a_provider_error() -> None:
    async with speaking(Manner(break_off_after=2)) as (voice, _):
        with pytest.raises(ProviderError, match="network"):
            await said(voice, "A sentence of some length.")


async def test_a_voice_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice.providers.elevenlabs.FIRST_AUDIO_S", 0.1)
    async with speaking(Manner(first_audio_s=1.0)) as (voice, _):
        with pytest.raises(ProviderError, match="timeout"):
            await said(voice, "Hello?")


async def test_nobody_there_is_a_provider_error() -> None:
    voice = ElevenLabsTextToSpeech(api_key="k", voice_id="v", base_url="http://127.0.0.1:9")
    with pytest.raises(ProviderError, match="network"):
        await voice.connect()
    await voice.close()


async def test_nothing_to_say_is_not_asked_for() -> None:
    async with speaking() as (voice, simulator):
        assert await said(voice, " ... ") == b""
    assert simulator.asked == []
