"""While it rings: connections are made and the greeting's own clause; what is not taken is closed."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
import redis
from channels.db import database_sync_to_async
from django.conf import settings as django_settings
from pytest_django.fixtures import Settings

from calls import log
from calls.models import Call
from crm import records
from simulators.deepgram import DeepgramSimulator, KnownClips, Listening, Speaking
from simulators.deepgram.sound import hum
from simulators.openai import OpenAISimulator
from simulators.twilio import SimulatedCall, StreamFaults
from simulators.twilio.network import Network, WebhookFailed
from simulators.waiting import until
from voice import choices, own_clips, ready, ringing
from voice.assembly import Admitted, LiveCall
from voice.dialogue.knowledge import Knowledge
from voice.introduction import introduce, own_clauses
from voice.ready import in_thread
from voice.tests.conftest import ANA, CY, HOUSEHOLD, Cast, serving
from voice.tests.test_pace import Phone
from voice.tests.test_whole_call import TOKEN

pytestmark = pytest.mark.timeout(180)
GREETED = "Hi Ana, thanks for calling Bart's Automotive service."
RINGS_S = 0.7
OTHER_ANA = "+12025550151"


@pytest.fixture(autouse=True)
def _clips_of_this_test(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clips belong to a voice, and each test has a simulated voice of its own."""
    settings.AUTOSHOP_HOME = tmp_path
    monkeypatch.setattr(ready, "_clips", None)


@dataclass
class Office:
    """The product with Deepgram's simulator, all common clips made."""

    base: str
    deepgram: DeepgramSimulator
    server: ExitStack

    async def close(self) -> None:
        """Stop the server, while this loop goes on answering for Deepgram."""
        await asyncio.to_thread(self.server.close)

    def call(self, from_: str = ANA, **more: object) -> SimulatedCall:
        return SimulatedCall(self.base, from_=from_, auth_token=TOKEN, **more)  # type: ignore[arg-type]

    async def webhook(
        self, sid: str, from_: str = ANA, *, token: str = TOKEN, public: str | None = None
    ) -> str:
        """Twilio asks what to do with a call; no stream follows."""
        network = Network(self.base, public, token)
        form = {"CallSid": sid, "From": from_, "To": "+12025550100", "CallStatus": "ringing"}
        try:
            return await network.ask("POST", "/incoming-call", form)
        finally:
            await network.close()

    def greetings(self, name: str = "Ana") -> list[str]:
        """How often the voice was asked for a clause with this name."""
        texts = [text for each in self.deepgram.spoken for text in each.texts]
        return [text for text in texts if name in text]


@asynccontextmanager
async def office(
    settings: Settings, *, speaking: Speaking | None = None, clips: bool = True
) -> AsyncIterator[Office]:
    voice = speaking or Speaking(voice=lambda text: hum(text, ms_per_char=8))
    listening = Listening(transcriber=KnownClips())
    async with DeepgramSimulator(listening=listening, speaking=voice) as deepgram:
        settings.TWILIO_AUTH_TOKEN = TOKEN
        settings.STT_PROVIDER = settings.TTS_PROVIDER = "deepgram"
        settings.DEEPGRAM_API_KEY, settings.DEEPGRAM_BASE_URL = "key", deepgram.url
        await asyncio.to_thread(choices.warm)
        with ExitStack() as server:
            where = Office(server.enter_context(serving(settings)), deepgram, server)
            async with aiohttp.ClientSession() as http, http.get(f"{where.base}/static/none"):
                pass
            if clips:
                await until(lambda: not ready.clips().missing and not deepgram.open_sockets, 60)
            try:
                yield where
            finally:
                await where.close()


@database_sync_to_async
def _keys() -> list[str]:
    with redis.Redis.from_url(django_settings.REDIS_URL) as client:
        return [key.decode() for key in client.keys("*")]


def _sid(n: int) -> str:
    return f"CA{n:032x}"


# ---- before the stream ---------------------------------------------------------------
async def test_ear_voice_and_model_are_connected_before_the_stream_opens(
    cast: Cast, settings: Settings
) -> None:
    async with OpenAISimulator() as openai:
        settings.LLM_PROVIDER = "openai"
        settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "key", openai.url
        async with office(settings) as where:
            async with where.call(CY, faults=StreamFaults(connect_delay_s=RINGS_S)) as call:
                call.begin("/incoming-call")
                await until(lambda: where.deepgram.open_sockets == 2 and openai.open_connections)
                assert call.streams == []
                assert await call.wait_for_stream()
                assert await call.wait_for_heard_ms(1000)
            await until(lambda: not where.deepgram.open_sockets)
            assert len(where.deepgram.heard) == 1  # and that ear was the call's


async def test_a_known_caller_is_greeted_from_a_clip_made_while_it_rang(
    cast: Cast, settings: Settings
) -> None:
    async with office(settings) as where:
        async with where.call(faults=StreamFaults(connect_delay_s=RINGS_S)) as call:
            call.begin("/incoming-call")
            await until(where.greetings)
            assert call.streams == []
            assert await call.wait_for_stream()
            assert await call.wait_for_heard_ms(1000)
            assert call.heard_audio.startswith(hum(f"{GREETED} ", ms_per_char=8)[:8000])
        assert len(where.greetings()) == 1


async def test_the_next_caller_of_that_name_is_greeted_from_the_same_clip(
    cast: Cast, settings: Settings
) -> None:
    await database_sync_to_async(records.create_customer)(
        first_name="Ana", last_name="Costa", phone=OTHER_ANA, origin="staff", now=datetime.now(UTC)
    )
    async with office(settings) as where:
        async with where.call(faults=StreamFaults(connect_delay_s=RINGS_S)) as call:
            assert await call.dial()
            assert await call.wait_for_heard_ms(500)
        async with where.call(OTHER_ANA) as call:
            assert await call.dial()
            assert await call.wait_for_heard_ms(1000)
            assert call.heard_audio.startswith(hum(f"{GREETED} ", ms_per_char=8)[:8000])
        assert len(where.greetings()) == 1


async def test_a_stream_that_comes_while_the_clip_is_made_hears_it_as_it_is_made(
    cast: Cast, settings: Settings
) -> None:
    slow = Speaking(voice=lambda text: hum(text, ms_per_char=8), first_audio_s=0.4)
    async with office(settings, speaking=slow, clips=False) as where, where.call() as call:
        assert await call.dial()
        assert await call.wait_for_heard_ms(1000)
        assert len(where.greetings()) == 1


async def test_the_name_is_in_no_key_of_redis_and_in_no_line_of_the_log(
    cast: Cast, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with office(settings) as where:
        async with where.call(faults=StreamFaults(connect_delay_s=RINGS_S)) as call:
            assert await call.dial()
            assert await call.wait_for_heard_ms(1000)
        keys = await _keys()
        assert any(key.startswith("own-clip:") for key in keys)
        assert [key for key in keys if "ana" in key.lower()] == []
    assert [record for record in caplog.records if "Ana" in str(record.__dict__)] == []


async def test_nothing_with_a_name_is_kept_on_disk(cast: Cast, settings: Settings) -> None:
    async with office(settings) as where:
        before = set(settings.AUTOSHOP_HOME.rglob("*.ulaw"))
        async with where.call(faults=StreamFaults(connect_delay_s=RINGS_S)) as call:
            assert await call.dial()
            assert await call.wait_for_heard_ms(1000)
        assert set(settings.AUTOSHOP_HOME.rglob("*.ulaw")) == before


# ---- what never comes, or comes elsewhere -------------------------------------------------
async def test_a_call_whose_stream_never_comes_leaves_nothing_open(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ringing, "DEADLINE_S", 0.5)
    async with office(settings) as where:
        await where.webhook(_sid(1))
        await until(lambda: where.deepgram.open_sockets == 2)
        await until(lambda: not where.deepgram.open_sockets, 5)


async def test_a_server_that_stops_closes_what_waits_for_a_stream(
    cast: Cast, settings: Settings
) -> None:
    async with office(settings) as where:
        await where.webhook(_sid(1), CY)
        await until(lambda: where.deepgram.open_sockets == 2)
        await where.close()
        await until(lambda: not where.deepgram.open_sockets, 1)


async def test_a_stream_that_arrives_in_another_process_is_a_call_like_any_other(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ringing, "DEADLINE_S", 1.0)
    async with office(settings) as where:
        with ExitStack() as server:
            elsewhere = server.enter_context(serving(settings))
            instructions = await where.webhook(_sid(1), public=elsewhere)
            await until(lambda: where.deepgram.open_sockets == 2)
            async with SimulatedCall(elsewhere, from_=ANA, auth_token=TOKEN, sid=_sid(1)) as call:
                await call.redirect(twiml=instructions)
                assert await call.wait_for_stream()
                assert await call.wait_for_heard_ms(1000)
                await until(lambda: where.deepgram.open_sockets == 2, 5)
                assert len(where.deepgram.heard) == 2  # the other's, closed by now, and its own
            await asyncio.to_thread(server.close)
        assert len(where.greetings()) == 1  # its clip was found all the same


async def test_a_webhook_asked_for_twice_prepares_once(cast: Cast, settings: Settings) -> None:
    async with office(settings) as where:
        await where.webhook(_sid(1), CY)
        await where.webhook(_sid(1), CY)
        await until(lambda: where.deepgram.open_sockets == 2)
        await asyncio.sleep(0.2)
        assert (where.deepgram.open_sockets, len(where.deepgram.heard)) == (2, 1)


async def test_a_webhook_that_is_not_signed_prepares_nothing(
    cast: Cast, settings: Settings
) -> None:
    async with office(settings) as where:
        with pytest.raises(WebhookFailed):
            await where.webhook(_sid(1), token="another key")
        await asyncio.sleep(0.2)
        assert (where.deepgram.open_sockets, where.deepgram.heard) == (0, [])


# ---- one loop's calls, by hand ---------------------------------------------------------------
@database_sync_to_async
def _logged(sid: str, number: str = ANA) -> Call:
    return log.start_call(
        sid=sid,
        direction="inbound",
        from_number=number,
        to_number="+12025550100",
        now=datetime.now(UTC),
    )


@database_sync_to_async
def _rung(sid: str, party: str) -> Call:
    """A call of ours that somebody has picked up."""
    return log.start_call(
        sid=sid,
        direction="outbound",
        from_number="+12025550100",
        to_number=ANA,
        purpose="reminder",
        context={"party_name": party},
        now=datetime.now(UTC),
    )


@asynccontextmanager
async def desk(
    settings: Settings, *, speaking: Speaking | None = None
) -> AsyncIterator[tuple[ringing.Ringing, DeepgramSimulator]]:
    """The calls of this test's own loop."""
    async with DeepgramSimulator(speaking=speaking or Speaking()) as deepgram:
        settings.STT_PROVIDER = settings.TTS_PROVIDER = "deepgram"
        settings.DEEPGRAM_API_KEY, settings.DEEPGRAM_BASE_URL = "key", deepgram.url
        ringing.listen()
        assert ringing._here is not None
        yield ringing._here, deepgram
        for task in tuple(ringing._here._tasks):
            task.cancel()
        await asyncio.gather(*ringing._here._tasks, return_exceptions=True)
        await until(lambda: not deepgram.open_sockets)


async def test_what_was_prepared_is_given_out_once(cast: Cast, settings: Settings) -> None:
    async with desk(settings) as (here, deepgram):
        call = await _logged(_sid(1), CY)
        here.hear(call)
        await until(lambda: deepgram.open_sockets == 2)
        taken = ringing.take(call.sid)
        assert taken is not None
        assert ringing.take(call.sid) is None
        await taken.close()


async def test_no_more_calls_are_prepared_than_there_is_room_for(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ringing, "MOST", 1)
    async with desk(settings) as (here, deepgram):
        for n in (1, 2):
            here.hear(await _logged(_sid(n), CY))
        await until(lambda: deepgram.open_sockets == 2)
        assert ringing.take(_sid(2)) is None


async def test_a_caller_who_hangs_up_before_the_first_word_leaves_nothing_open(
    cast: Cast, settings: Settings
) -> None:
    async with desk(settings) as (here, deepgram):
        call = await _logged(_sid(1), CY)
        here.hear(call)
        await until(lambda: deepgram.open_sockets == 2)
        admitted = Admitted(await in_thread(introduce, call), Knowledge(), None)
        await LiveCall(admitted, Phone(), ringing.take(call.sid)).abandon("socket_closed")
        await until(lambda: not deepgram.open_sockets)


async def test_who_stands_in_for_the_voice_makes_no_clips(cast: Cast, settings: Settings) -> None:
    async with desk(settings, speaking=Speaking(handshake_status=503)) as (here, _):
        call = await _logged(_sid(1))
        here.hear(call)
        await until(lambda: call.sid in here._waiting)
        voice = here._waiting[call.sid].voice
        await until(
            lambda: any(each.audio and each.making.done() for each in voice._ahead.values()), 60
        )
        await asyncio.sleep(0.1)
        assert await in_thread(own_clips.find, [GREETED]) == {}


async def test_somebody_we_ring_is_asked_for_by_a_clip(cast: Cast, settings: Settings) -> None:
    async with desk(settings) as (here, _):
        call = await _rung(_sid(1), "Ana")
        await ready.make_clips()
        here.hear(call)
        asked = "May I speak with Ana?"
        for _ in range(400):
            if found := await in_thread(own_clips.find, [asked]):
                break
            await asyncio.sleep(0.01)
        assert found == {asked: hum(f"{asked} ")}


@pytest.mark.parametrize(
    ("number", "attestation", "by_name"),
    [
        (CY, "", True),
        (HOUSEHOLD, "", True),
        ("anonymous", "", True),
        (ANA, "TN-Validation-Failed", True),
        (ANA, "TN-Validation-Passed-C", True),
        (ANA, "", False),
    ],
    ids=["stranger", "household", "withheld", "forged", "not vouched for", "no names here"],
)
def test_who_may_not_be_greeted_by_name_has_no_clause_of_their_own(
    cast: Cast, number: str, attestation: str, by_name: bool
) -> None:
    call = log.start_call(
        sid=_sid(1), direction="inbound", from_number=number, to_number="+12025550100",
        attestation=attestation, now=datetime.now(UTC),
    )  # fmt: skip
    shop = Knowledge(greet_by_name=by_name)
    own = own_clauses(introduce(call), shop)
    assert not any("Ana" in clause for clause in own)


@pytest.mark.parametrize("name", ["Zoë-Ana", "O'Ana", "Ana 🦊", "<Ana>", "A" * 56 + " Ana", "."])
def test_odd_names_are_greeted_like_any_other(cast: Cast, name: str) -> None:
    cast.ana.first_name = name
    cast.ana.save()
    call = log.start_call(
        sid=_sid(1), direction="inbound", from_number=ANA, to_number="+12025550100",
        now=datetime.now(UTC),
    )  # fmt: skip
    own = own_clauses(introduce(call), Knowledge())
    assert own[0].startswith("Hi")
    own_clips.keep(own[0], b"audio")
    assert own_clips.find(own) == {own[0]: b"audio"}


def test_what_nobody_could_hear_or_is_no_greeting_is_not_kept() -> None:
    for unfit in (b"", b"\xff" * 8000, hum(GREETED)[:8000] * 21):
        own_clips.keep(GREETED, unfit)
        assert own_clips.find([GREETED]) == {}


def test_without_redis_there_are_no_clips_and_no_errors(settings: Settings) -> None:
    nowhere = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": nowhere}
    own_clips.keep(GREETED, b"audio")
    assert own_clips.find([GREETED]) == {}
