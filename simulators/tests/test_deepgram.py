"""The simulated Deepgram behaves as documented, seen through the vendor's own SDK."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from deepgram import AsyncDeepgramClient, transport
from deepgram.core.api_error import ApiError
from deepgram.environment import DeepgramClientEnvironment
from deepgram.speak.v1.types import SpeakV1Text
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK

from simulators.deepgram import DeepgramSimulator, KnownClips, Listening, Speaking, Utterance, hum

QUIET, NOISE = b"\xff" * 160, hum("x" * 10)[:160]
LIVE = {"model": "nova-2-phonecall", "encoding": "mulaw", "sample_rate": 8000}
CALL = {**LIVE, "interim_results": True, "endpointing": 300, "utterance_end_ms": 1000}


@pytest.fixture(autouse=True)
def _the_sdk_s_own_sockets() -> Iterator[None]:
    """The product gives the SDK sockets of its own, for the whole process; here a stranger rings."""
    ours = transport._active_async_factory
    transport.restore_transport()
    yield
    if ours is not None:
        transport.install_transport(async_factory=ours)


def client(simulator: DeepgramSimulator) -> AsyncDeepgramClient:
    http, ws = simulator.url, simulator.url.replace("http", "ws")
    place = DeepgramClientEnvironment(base=http, production=ws, agent=ws, agent_rest=http)
    return AsyncDeepgramClient(api_key="key", environment=place)


@asynccontextmanager
async def ear(*plans: Listening) -> AsyncIterator[tuple[Any, DeepgramSimulator]]:
    async with DeepgramSimulator(listening=plans or Listening()) as simulator:
        connect = client(simulator).listen.v1.connect
        async with connect(**CALL, vad_events=True) as socket:
            yield socket, simulator


async def heard_until(socket: Any, kind: str) -> list[Any]:
    messages = []
    async with asyncio.timeout(20):
        while True:
            messages.append(await socket.recv())
            if getattr(messages[-1], "type", None) == kind:
                return messages


async def listen_for_seconds(socket: Any, seconds: float, frame: bytes = QUIET) -> None:
    for _ in range(int(seconds * 50)):
        await socket.send_media(frame)


async def test_an_utterance_gives_interims_a_speech_final_and_an_utterance_end() -> None:
    script = (Utterance(0.5, "I need an oil change please", 2.0),)
    async with ear(Listening(script=script)) as (socket, _):
        await listen_for_seconds(socket, 5)
        messages = await heard_until(socket, "UtteranceEnd")
    results = [m for m in messages if m.type == "Results"]
    assert messages[0].type == "SpeechStarted"
    assert results[0].channel.alternatives[0].transcript == "I"
    assert [m.speech_final for m in results] == [False] * (len(results) - 1) + [True]
    assert results[-1].channel.alternatives[0].transcript == "I need an oil change please"


async def test_words_come_only_with_finals_before_it_when_a_speech_final_is_empty() -> None:
    how = Listening(
        script=(Utterance(0.2, "one two three four"),), split_finals=2, empty_speech_final=True
    )
    async with ear(how) as (socket, _):
        await listen_for_seconds(socket, 3)
        messages = await heard_until(socket, "UtteranceEnd")
    finals = [m for m in messages if m.type == "Results" and m.is_final]
    assert [m.channel.alternatives[0].transcript for m in finals] == ["one two three four", ""]
    assert [m.speech_final for m in finals] == [False, True]


async def test_finalize_brings_the_words_heard_so_far() -> None:
    async with ear(Listening(script=(Utterance(0.2, "one two three four", 4.0),))) as (socket, _):
        await listen_for_seconds(socket, 2.3)
        await socket.send_finalize()
        await listen_for_seconds(socket, 4)
        messages = await heard_until(socket, "UtteranceEnd")
    finals = [m for m in messages if m.type == "Results" and m.is_final]
    assert finals[0].from_finalize
    assert [m.channel.alternatives[0].transcript for m in finals] == ["one two", "three four"]


async def test_recordings_it_knows_are_recognised_by_their_bytes() -> None:
    clips = KnownClips()
    clips.add(hum("a recording"), "My name is Ana Lopez")
    async with ear(Listening(transcriber=clips)) as (socket, _):
        await listen_for_seconds(socket, 1)
        await socket.send_media(hum("a recording"))
        await listen_for_seconds(socket, 2)
        messages = await heard_until(socket, "UtteranceEnd")
    finals = [m for m in messages if m.type == "Results" and m.is_final]
    assert finals[-1].channel.alternatives[0].transcript == "My name is Ana Lopez"


async def test_a_silent_line_is_closed_with_1011() -> None:
    async with ear(Listening(idle_close_s=0.05)) as (socket, _):
        with pytest.raises(ConnectionClosedError, match="NET-0001"):
            await socket.recv()


async def test_close_stream_ends_with_metadata_and_1000() -> None:
    async with ear() as (socket, _):
        await socket.send_close_stream()
        await heard_until(socket, "Metadata")
        with pytest.raises(ConnectionClosedOK):
            await socket.recv()


@pytest.mark.parametrize("status", [400, 401, 429, 500])
async def test_a_refused_handshake_is_an_api_error(status: int) -> None:
    with pytest.raises(ApiError) as refused:
        async with ear(Listening(handshake_status=status)):
            pass
    assert refused.value.status_code == status


@asynccontextmanager
async def voice(how: Speaking) -> AsyncIterator[Any]:
    async with DeepgramSimulator(speaking=how) as simulator:
        connect = client(simulator).speak.v1.connect
        async with connect(model="aura-asteria-en", encoding="mulaw", sample_rate=8000) as socket:
            assert (await socket.recv()).type == "Metadata"
            yield socket


async def say(socket: Any, text: str) -> None:
    await socket.send_text(SpeakV1Text(text=text, type="Speak"))
    await socket.send_flush()


async def audio_until(socket: Any, kind: str) -> bytes:
    audio = b""
    async with asyncio.timeout(20):
        while True:
            message = await socket.recv()
            if isinstance(message, bytes):
                audio += message
            elif message.type == kind:
                return audio


async def test_audio_comes_after_a_flush_and_before_flushed() -> None:
    async with voice(Speaking()) as socket:
        await say(socket, "Sure.")
        assert await audio_until(socket, "Flushed") == hum("Sure.")


async def test_clear_stops_the_sentence_in_flight() -> None:
    async with voice(Speaking(realtime_factor=1.0, chunk_bytes=320)) as socket:
        await say(socket, "A long sentence that takes its time to be said.")
        await socket.send_clear()
        assert len(await audio_until(socket, "Cleared")) < 8000


async def test_the_twenty_first_flush_in_a_minute_is_refused() -> None:
    async with voice(Speaking()) as socket:
        for _ in range(21):
            await say(socket, "a")
        answers: list[str] = []
        async with asyncio.timeout(20):
            while len(answers) < 21:
                message = await socket.recv()
                answers += [] if isinstance(message, bytes) else [message.type]
    assert sorted(answers) == ["Flushed"] * 20 + ["Warning"]


async def test_a_text_over_two_thousand_characters_is_an_error() -> None:
    async with voice(Speaking()) as socket:
        await say(socket, "x" * 2001)
        await audio_until(socket, "Error")
        with pytest.raises(ConnectionClosedError):
            await socket.recv()
