"""The Deepgram voice against a simulated Deepgram, through the real SDK."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from simulators.deepgram import DeepgramSimulator, Speaking, hum
from simulators.waiting import until
from voice.providers.base import ProviderError
from voice.providers.deepgram import DeepgramTextToSpeech
from voice.tests.told import said, said_a_little

SLOW = Speaking(realtime_factor=4.0, chunk_bytes=320)
LONG = "This is a sentence that takes a good while to be said."


@asynccontextmanager
async def speaking(
    *plans: Speaking, flushes: int = 20
) -> AsyncIterator[tuple[DeepgramTextToSpeech, DeepgramSimulator]]:
    async with DeepgramSimulator(speaking=plans or (Speaking(),)) as simulator:
        voice = DeepgramTextToSpeech(api_key="key", base_url=simulator.url, flushes=flushes)
        await voice.connect()
        try:
            yield voice, simulator
        finally:
            await voice.close()
        await until(lambda: not simulator.open_sockets)


async def test_a_clause_is_spoken_whole() -> None:
    async with speaking() as (voice, simulator):
        assert await said(voice, "Sure, I can help.") == hum("Sure, I can help. ")
    query = simulator.spoken[0].query
    assert (query["encoding"], query["sample_rate"]) == (["mulaw"], ["8000"])
    assert (query["model"], query["container"]) == (["aura-asteria-en"], ["none"])


async def test_clauses_come_in_order_and_apart() -> None:
    async with speaking() as (voice, _):
        for text in ("One.", "Two, a little longer.", "Three."):
            assert await said(voice, text) == hum(text + " ")


async def test_words_that_are_wanted_while_it_connects_use_the_same_connection() -> None:
    async with DeepgramSimulator(speaking=Speaking(handshake_delay_s=0.1)) as simulator:
        voice = DeepgramTextToSpeech(api_key="key", base_url=simulator.url)
        heard, _ = await asyncio.gather(said(voice, "Hello."), voice.connect())
        assert heard == hum("Hello. ")
        assert len(simulator.spoken) == 1
        await voice.close()


async def test_nothing_to_say_is_not_asked_for() -> None:
    async with speaking() as (voice, simulator):
        assert await said(voice, " ... ") == b""
    assert simulator.spoken[0].controls == []


async def test_after_a_barge_in_no_byte_of_the_old_clause_is_heard() -> None:
    async with speaking(SLOW) as (voice, simulator):
        await said_a_little(voice, LONG)
        assert await said(voice, "Of course.") == hum("Of course. ")
    assert "Clear" in simulator.spoken[0].controls
    assert simulator.spoken[0].cancelled == 1


async def test_audio_that_still_comes_before_cleared_is_thrown_away() -> None:
    how = Speaking(realtime_factor=4.0, chunk_bytes=320, late_audio_after_clear=4000)
    async with speaking(how) as (voice, _):
        for _n in range(3):
            await said_a_little(voice, LONG)
            assert await said(voice, "Of course.") == hum("Of course. ")


async def test_the_end_of_a_clause_that_was_cleared_does_not_end_the_next() -> None:
    how = Speaking(first_audio_s=0.05, realtime_factor=4.0, chunk_bytes=320, stray_flushed=True)
    async with speaking(how) as (voice, _):
        for _n in range(3):
            await said_a_little(voice, LONG)
            assert await said(voice, "Of course.") == hum("Of course. ")


async def test_a_clear_that_is_not_answered_costs_the_connection_not_the_next_clause() -> None:
    how = Speaking(realtime_factor=4.0, chunk_bytes=320, never_cleared=True)
    async with speaking(how, Speaking()) as (voice, simulator):
        await said_a_little(voice, LONG)
        assert await said(voice, "Of course.") == hum("Of course. ")
        await until(lambda: simulator.open_sockets == 1)
    assert len(simulator.spoken) == 2


async def test_a_barge_in_before_the_first_audio_leaves_nothing_behind() -> None:
    async with speaking(Speaking(first_audio_s=0.2)) as (voice, _):
        task = asyncio.create_task(said(voice, LONG))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait([task])
        assert await said(voice, "Of course.") == hum("Of course. ")


async def test_more_clauses_than_a_connection_may_flush_are_all_spoken() -> None:
    async with speaking(flushes=20) as (voice, simulator):
        for n in range(45):
            assert await said(voice, f"Clause {n}.") == hum(f"Clause {n}. ")
    assert sum(spoken.refused_flushes for spoken in simulator.spoken) == 0
    assert len(simulator.spoken) == 3


async def test_another_connection_is_ready_before_the_first_has_no_flushes_left() -> None:
    async with speaking(flushes=8) as (voice, simulator):
        for n in range(4):
            await said(voice, f"Clause {n}.")
        await until(lambda: len(simulator.spoken) == 2)
        assert simulator.spoken[0].controls.count("Flush") == 4


async def test_a_refused_flush_is_spoken_on_another_connection() -> None:
    strict = Speaking(flushes=2)
    async with speaking(strict, Speaking()) as (voice, simulator):
        for n in range(4):
            assert await said(voice, f"Clause {n}.") == hum(f"Clause {n}. ")
    assert simulator.spoken[0].refused_flushes == 1


async def test_when_every_budget_is_spent_it_is_a_fault_in_the_open() -> None:
    async with speaking(flushes=1) as (voice, _):
        for n in range(3):
            await said(voice, f"Clause {n}.")
        with pytest.raises(ProviderError, match="no_flushes_left"):
            await said(voice, "One too many.")


@pytest.mark.parametrize(
    "fault",
    [
        Speaking(die_after_bytes=0),
        Speaking(abort_after_bytes=0),
        Speaking(error_on_flush=True),
        Speaking(idle_close_s=0.02),
    ],
    ids=["1011", "abort", "error", "idle"],
)
async def test_a_connection_lost_before_the_first_audio_is_replaced(fault: Speaking) -> None:
    async with speaking(fault, Speaking()) as (voice, _):
        await asyncio.sleep(0.05)
        assert await said(voice, "Still here.") == hum("Still here. ")


async def test_a_connection_lost_mid_clause_is_a_fault_and_the_next_clause_works() -> None:
    dies = Speaking(die_after_bytes=3200)
    async with speaking(dies, Speaking()) as (voice, _):
        with pytest.raises(ProviderError):
            await said(voice, LONG)
        assert await said(voice, "Still here.") == hum("Still here. ")


async def test_a_voice_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice.providers.deepgram.mouth.FIRST_AUDIO_S", 0.1)
    async with speaking(Speaking(swallow_flushes=True)) as (voice, _):
        with pytest.raises(ProviderError, match="stalled"):
            await said(voice, "Hello?")


@pytest.mark.parametrize(("status", "retryable"), [(401, False), (429, True), (503, True)])
async def test_a_refused_handshake_is_a_provider_error(status: int, retryable: bool) -> None:
    async with DeepgramSimulator(speaking=Speaking(handshake_status=status)) as simulator:
        voice = DeepgramTextToSpeech(api_key="key", base_url=simulator.url)
        with pytest.raises(ProviderError) as failure:
            await voice.connect()
        assert failure.value.retryable is retryable
        await voice.close()


async def test_a_long_text_is_sent_in_pieces() -> None:
    text = "word " * 600
    async with speaking() as (voice, simulator):
        assert await said(voice, text)
    assert simulator.spoken[0].controls.count("Speak") == 2
