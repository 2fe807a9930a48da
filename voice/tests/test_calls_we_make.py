"""Reminders, voicemail, hand-overs and cut lines over the wire: words, rows and numbers.

Whatever picks up, or does not, has its test here: a person (the right one, a wrong one, a third
party, one who wants no more calls), voicemail, a call screener, a fax machine, silence, a busy
line, no answer, a call that fails.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from channels.db import database_sync_to_async
from pytest_django.fixtures import Settings

from calls import outbound, settling, telephony
from calls.models import AdvisorLine, Call, CallbackTask, LineState, OutboundCall
from calls.outbound import Step, Verdict
from scheduling import booking, reminders
from scheduling.may_dial import BETWEEN_ATTEMPTS
from scheduling.models import Appointment
from scheduling.openings import Wish
from scheduling.visits import find_openings
from simulators.deepgram import DeepgramSimulator, KnownClips, Listening, Speaking
from simulators.deepgram.sound import hum
from simulators.twilio import ACCOUNT_SID, Callee, SimulatedCall, TwilioServer
from voice import assembly, choices
from voice.core.timing import TurnSettings
from voice.tests.conftest import ANA, Cast, serving
from voice.tests.test_whole_call import TOKEN, Line, known_to, transcript

ADVISOR = "+12025550199"
pytestmark = pytest.mark.timeout(180)


@dataclass
class Town:
    """A simulated telephone network around the running product."""

    twilio: TwilioServer
    base: str
    clips: KnownClips

    def line(self, call: SimulatedCall) -> Line:
        """Somebody at the end of a call."""
        return Line(call, known_to(self.clips))


@asynccontextmanager
async def town(settings: Settings) -> AsyncIterator[Town]:
    """The product on live lines, speech by Deepgram's simulator."""
    clips = KnownClips()
    ear, voice = Listening(transcriber=clips), Speaking(voice=lambda text: hum(text, ms_per_char=8))
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = ACCOUNT_SID, TOKEN
    settings.TWILIO_PHONE_NUMBER = "+12025550100"
    settings.ENVIRONMENT, settings.OUTBOUND_LIVE_CALLS = "production", True
    settings.OUTBOUND_GAP_MS = 0
    settings.STT_PROVIDER = settings.TTS_PROVIDER = "deepgram"
    async with DeepgramSimulator(listening=ear, speaking=voice) as deepgram:
        settings.DEEPGRAM_API_KEY, settings.DEEPGRAM_BASE_URL = "key", deepgram.url
        await asyncio.to_thread(choices.warm)
        with serving(settings) as base:
            async with TwilioServer(base, auth_token=TOKEN) as twilio:
                settings.TWILIO_API_BASE_URL = twilio.url
                yield Town(twilio, base, clips)


@database_sync_to_async
def _visit(cast: Cast) -> Appointment:
    now = datetime.now(UTC)
    wish = Wish(earliest=now + timedelta(days=1))
    start = find_openings(op_codes=("LOF-S",), wish=wish, now=now)[0].start
    return booking.book(
        customer_id=cast.ana.pk, vehicle_id=cast.civic.pk, op_codes=("LOF-S",), start=start,
        visit_type="drop_off", concern="", source="phone", call_sid="",
        idempotency_key="test:visit", now=now,
    )  # fmt: skip


@database_sync_to_async
def _ring(visit: Appointment) -> Step:
    now = datetime.now(UTC)
    outbound.claim(
        kind="reminder", subject_id=visit.pk, version=visit.version, attempt=1, number=ANA,
        customer_id=visit.customer_id, context=reminders.call_context(visit),
        due_on=now.date(), now=now,
    )  # fmt: skip
    return outbound.place_next(decide=lambda task, now: Verdict(True), now=now)


@database_sync_to_async
def _settled(visit: Appointment) -> tuple[str, str, bool]:
    """State and result of the attempt, and the visit's flag, after the next sweep."""
    now = datetime.now(UTC)
    settling.settle_lost(now=now)
    reminders.settle(now=now)
    task = OutboundCall.objects.get(attempt=1)
    visit.refresh_from_db()
    return task.state, task.result, visit.reminder_sent


@database_sync_to_async
def _status(visit: Appointment) -> str:
    return Appointment.objects.get(pk=visit.pk).status


@database_sync_to_async
def _row(sid: str) -> Call:
    return Call.objects.get(sid=sid)


@database_sync_to_async
def _promise() -> tuple[str, str, str]:
    task = CallbackTask.objects.get()
    return task.reason, task.number, task.note


@database_sync_to_async
def _attempts() -> int:
    return OutboundCall.objects.count()


@database_sync_to_async
def _next_attempt() -> tuple[str, int]:
    """What the sweep has queued after the first: not before three hours have passed."""
    first, second = OutboundCall.objects.order_by("attempt")
    assert first.dialled_at is not None
    assert second.not_before == first.dialled_at + BETWEEN_ATTEMPTS
    return second.state, second.attempt


@database_sync_to_async
def _line_state() -> str:
    return LineState.objects.get(number=ANA).state


@database_sync_to_async
def _employ_dee() -> None:
    AdvisorLine.objects.create(name="Dee", e164=ADVISOR)


async def _rung(where: Town, visit: Appointment) -> SimulatedCall:
    """Ana's phone, ringing and answered."""
    assert await _ring(visit) is Step.DIALLED
    call = where.twilio.created[0]
    await call.wait_for_stream()
    return call


async def _over(call: SimulatedCall) -> None:
    await asyncio.wait_for(call.over.wait(), 60)
    await call.close()
    await _finished(call.sid)


@database_sync_to_async
def _end_reason(sid: str) -> str:
    return Call.objects.get(sid=sid).end_reason


async def _finished(sid: str) -> None:
    async with asyncio.timeout(30):
        while not await _end_reason(sid):
            await asyncio.sleep(0.05)


async def test_a_reminder_is_confirmed_by_the_right_person(cast: Cast, settings: Settings) -> None:
    visit = await _visit(cast)
    async with town(settings) as where:
        call = await _rung(where, visit)
        replies = {
            "may i speak": "Yes, speaking.",
            "zip": "I don't know.",
            "born": "March twelfth.",
            "make it": "Yes, I'll be there.",
            "booked": "Yes, I'll be there.",
        }
        await where.line(call).answer(replies, until_said="you're confirmed for")
        await call.hang_up()
        await _over(call)
        assert await _settled(visit) == ("done", "confirmed", True)
    assert await _status(visit) == "confirmed"


async def test_a_voicemail_box_gets_one_message_that_gives_nothing_away(
    cast: Cast, settings: Settings
) -> None:
    visit = await _visit(cast)
    async with town(settings) as where:
        where.twilio.default_callee = Callee("machine", amd_delay_s=1.0)
        call = await _rung(where, visit)
        await _over(call)
        said = "\n".join(await transcript(call.sid))
        assert await _settled(visit) == ("done", "voicemail", True)
    assert "a reminder for Ana. Please call" in said
    assert "say stop when you call" in said
    for private in ("oil", "Civic", "Honda", "Silva with", "o'clock", " A M", " P M"):
        assert private not in said


async def test_a_fax_machine_is_hung_up_on_and_never_rung_again(
    cast: Cast, settings: Settings
) -> None:
    visit = await _visit(cast)
    async with town(settings) as where:
        where.twilio.default_callee = Callee("fax", amd_delay_s=0.5)
        call = await _rung(where, visit)
        await _over(call)
        assert await _settled(visit) == ("done", "fax", True)
    assert await _line_state() == "fax"


@pytest.mark.parametrize(
    ("words", "result"),
    [
        ("You have the wrong number.", "wrong_person"),
        ("She's not here right now.", "third_party"),
        ("Stop calling me!", "opted_out"),
    ],
)
async def test_whoever_answers_is_believed_and_left_alone(
    cast: Cast, settings: Settings, words: str, result: str
) -> None:
    visit = await _visit(cast)
    async with town(settings) as where:
        call = await _rung(where, visit)
        line = where.line(call)
        await line.next_question()
        await line.say(words)
        await _over(call)
        assert await _settled(visit) == ("done", result, True)
    assert await _status(visit) == "booked"
    assert await _attempts() == 1


async def test_a_call_screener_hears_who_rings_and_then_the_person_is_asked_for(
    cast: Cast, settings: Settings
) -> None:
    visit = await _visit(cast)
    async with town(settings) as where:
        call = await _rung(where, visit)
        line = where.line(call)
        await line.next_question()
        await line.say("Please state your name and the reason for your call.")
        said = await line.next_question()
        assert said.startswith("Bart's Automotive, about a service visit.")
        await line.say("She's not here right now.")
        await _over(call)
        assert await _settled(visit) == ("done", "third_party", True)


async def test_where_nobody_says_a_word_the_agent_tells_who_rang_and_lets_go(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is waited for as long as in a real call: the core's tests time that, by their clock."""
    hasty = TurnSettings(still_there=1.5, hold_on=1.5, idle_goodbye=2.0)
    monkeypatch.setattr(assembly, "TIMING", hasty)
    visit = await _visit(cast)
    async with town(settings) as where:
        where.twilio.default_callee = Callee("silence")
        call = await _rung(where, visit)
        await _over(call)
        said = "\n".join(await transcript(call.sid))
        assert await _settled(visit) == ("done", "no_speech", True)
    assert "automated assistant calling for Bart's Automotive" in said
    assert "Are you still there?" in said
    assert "You can reach us at" in said and "say stop" in said
    for private in ("oil", "Civic", "Honda", "o'clock", " A M", " P M"):
        assert private not in said
    assert await _next_attempt() == ("claimed", 2)


@pytest.mark.parametrize(
    ("outcome", "rang"), [("busy", False), ("no-answer", True), ("failed", False)]
)
async def test_a_phone_that_nobody_picks_up_is_rung_once_more_on_another_part_of_the_day(
    cast: Cast, settings: Settings, outcome: str, rang: bool
) -> None:
    visit = await _visit(cast)
    async with town(settings) as where:
        where.twilio.default_callee = Callee(outcome)
        assert await _ring(visit) is Step.DIALLED
        async with asyncio.timeout(30):
            while (await _settled(visit))[0] != "failed":
                await asyncio.sleep(0.05)
        assert await _settled(visit) == ("failed", outcome, rang)
        assert len(where.twilio.created) == 1
    assert await _next_attempt() == ("claimed", 2)
    assert await _status(visit) == "booked"


# ---- hand-over -------------------------------------------------------------------
@asynccontextmanager
async def _asking_for_a_person(
    settings: Settings, advisor: Callee
) -> AsyncIterator[tuple[Line, SimulatedCall]]:
    await _employ_dee()
    async with town(settings) as where:
        where.twilio.callees[ADVISOR] = advisor
        call = SimulatedCall(where.base, from_=ANA, auth_token=TOKEN, server=where.twilio)
        async with call:
            assert await call.dial()
            line = where.line(call)
            await line.next_question()
            await _hand_over(call)
            yield line, call


@database_sync_to_async
def _hand_over(call: SimulatedCall) -> None:
    """What the agent's tool asks for, whatever the hour of the desk."""
    telephony.hand_over(call.sid, "Ana, about brakes.")


async def test_an_advisor_who_presses_the_key_has_the_caller(
    cast: Cast, settings: Settings
) -> None:
    async with _asking_for_a_person(settings, Callee(digits="1", talk_s=0.2)) as (_, call):
        await _over(call)
        assert call.bridged_to == ADVISOR
    made = await _row(call.sid)
    assert (made.transfer_result, made.status) == ("answered", "completed")


@pytest.mark.parametrize("advisor", [Callee("no-answer"), Callee(digits="2")])
async def test_where_no_advisor_takes_it_the_caller_is_told_when_they_are_rung_back(
    cast: Cast, settings: Settings, advisor: Callee
) -> None:
    async with _asking_for_a_person(settings, advisor) as (line, call):
        assert await call.wait_for_stream()
        said = await line.next_question()
        while "call you back by" not in said:
            said = await line.next_question()
        await line.say("No, thank you.")
        await _over(call)
        assert call.bridged_to == ""
    assert await _promise() == ("hand_over", ANA, "Ana, about brakes.")


async def test_a_line_that_was_cut_is_taken_up_where_it_was(cast: Cast, settings: Settings) -> None:
    async with town(settings) as where:
        call = SimulatedCall(where.base, from_=ANA, auth_token=TOKEN, server=where.twilio)
        async with call:
            assert await call.dial()
            line = where.line(call)
            await line.next_question()
            call.line.drop()
            await asyncio.sleep(0)
            async with asyncio.timeout(30):
                while len(call.streams) < 2:
                    await asyncio.sleep(0.02)
            said = await line.next_question()
            while "cut off" not in said:
                said = await line.next_question()
            assert call.twilio_said == ["One moment, please."]
    made = await _row(call.sid)
    assert made.reconnects == 1
