"""Who gets through to the agent: the signed, with their own unused token; garbage is counted."""

from typing import Any

import pytest
from channels.db import database_sync_to_async
from pytest_django.fixtures import Settings

from calls.models import Call, CallbackTask
from simulators.twilio import SimulatedCall, StreamFaults
from voice.metrics import BAD_FRAMES
from voice.tests.conftest import ANA, CY, Cast
from voice.tests.test_calls_we_make import Town, town
from voice.tests.test_whole_call import TOKEN

pytestmark = pytest.mark.timeout(180)


@database_sync_to_async
def _counts() -> tuple[int, int]:
    return Call.objects.count(), CallbackTask.objects.count()


def _call(where: Town, *, faults: StreamFaults | None = None, **more: Any) -> SimulatedCall:
    more.setdefault("auth_token", TOKEN)
    return SimulatedCall(where.base, from_=ANA, faults=faults, server=where.twilio, **more)


async def _ends_without_a_word(call: SimulatedCall) -> None:
    """Twilio tries as often as it is told to, and nobody ever speaks to this stream."""
    async with call:
        await call.dial()
        await call.over.wait()
    assert call.heard_ms == 0


async def test_a_webhook_signed_with_another_key_is_turned_away(
    cast: Cast, settings: Settings
) -> None:
    async with town(settings) as where:
        call = _call(where, auth_token="another key")
        await _ends_without_a_word(call)
        assert call.errors == [11200]
        assert call.network.asked[0][1] == 403
        assert await _counts() == (0, 0)


async def test_an_unsigned_stream_is_rejected_and_the_caller_is_promised_a_person(
    cast: Cast, settings: Settings
) -> None:
    async with town(settings) as where:
        call = _call(where, faults=StreamFaults(without_signature=True))
        await _ends_without_a_word(call)
        assert call.streams == []
        assert 31920 in call.errors
        assert "An advisor will call you back" in call.twilio_said[-1]
        assert await _counts() == (1, 1)


@pytest.mark.parametrize("token", ["", "made up"])
async def test_a_stream_with_a_forged_token_is_closed(
    cast: Cast, settings: Settings, token: str
) -> None:
    async with town(settings) as where:
        call = _call(where, faults=StreamFaults(forge_token=token))
        await _ends_without_a_word(call)
        assert {stream.closed_by for stream in call.streams} == {"server"}


async def test_a_token_works_neither_twice_nor_for_somebody_else(
    cast: Cast, settings: Settings
) -> None:
    async with town(settings) as where, _call(where) as first:
        assert await first.dial()
        assert await first.wait_for_heard_ms(200)
        stolen = StreamFaults(forge_token=first.line.token)
        await _ends_without_a_word(_call(where, faults=stolen, sid=first.sid))
        await _ends_without_a_word(
            SimulatedCall(
                where.base, from_=CY, auth_token=TOKEN, server=where.twilio, faults=stolen
            )
        )


async def test_malformed_frames_are_ignored_and_counted(cast: Cast, settings: Settings) -> None:
    async with town(settings) as where, _call(where) as call:
        assert await call.dial()
        line = where.line(call)
        before = _bad_frames()
        garbage = [
            "",
            "{",
            "[]",
            "7",
            '{"event":"media"}',
            '{"event":"media","media":{"payload":"§"}}',
        ]
        for text in garbage:
            await call.line.send_raw(text)
        await line.next_question()
        await line.say("What are your hours?")
        assert "open" in (await line.next_question()).lower()
        assert _bad_frames() >= before + len(garbage) - 1
        assert call.line.errors == []


def _bad_frames() -> float:
    (family,) = BAD_FRAMES.collect()
    return sum(sample.value for sample in family.samples if sample.name.endswith("_total"))
