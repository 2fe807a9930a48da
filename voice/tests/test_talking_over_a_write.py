"""Talked over, hung up on or told everything twice at any point: one visit or none, and it says which.

The session, core, dialogue, tools and database are the shipped ones; only ear, voice and
line are fast fakes, and the clock leaps. One booking call is counted in events; then it is
run again with one disturbance at one of them, until every event has had one.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
import pytest
from django.core.management import call_command

from calls.models import Call, ToolInvocation, Utterance
from scheduling.models import Appointment, AppointmentEvent, CalendarOutbox
from voice import tools
from voice.core import events as ev
from voice.core.history import AgentTurn, Expectation, ToolUse
from voice.dialogue.proof import unagreed_writes
from voice.providers.base import HearingEvent
from voice.rehearsal import world
from voice.rehearsal.caller import Caller, Persona
from voice.rehearsal.line import Hear, Line, Post
from voice.rehearsal.run import context_of, local_responder
from voice.rehearsal.tasks import Expect, Task
from voice.rehearsal.voice_call import Edges, VoiceCall
from voice.session import CallSession, Parts
from voice.tools import shop as shop_tools
from voice.tools.shop import load_knowledge

NUMBER = "+15125550123"
TASK = Task(
    "talk-over", "existing_customer", "I'd like a tire rotation for my CR-V on Tuesday at 9:30.",
    {"name": "Dana Ruiz", "dob": "4/2/1981", "goal": "A tire rotation on Tuesday at 9:30."}, {}, (),
    "plain",
    {"customers": [{"name": "Dana Ruiz", "dob": "1981-04-02", "cars": [{"car": "2019 Honda CR-V"}]}]},
    {"attestation": "A"}, Expect(),
)  # fmt: skip


class DeafEar:
    """Hears nothing; the line posts what was said."""

    async def connect(self) -> None: ...

    def send(self, audio: bytes) -> None: ...

    def expect(self, expects: Expectation) -> None: ...

    def finalize(self) -> None: ...

    async def events(self) -> AsyncIterator[HearingEvent]:
        return
        yield

    async def close(self) -> None: ...


class Hum:
    """Two seconds for any clause."""

    async def connect(self) -> None: ...

    async def speak(self, text: str, *, last: bool) -> AsyncGenerator[bytes, None]:
        yield b"\x7f" * 16000

    async def close(self) -> None: ...


def said(words: str) -> tuple[ev.Event, ...]:
    """What an ear tells of a turn."""
    heard = ev.TranscriptHeard(words, final=True)
    return ev.SpeechStarted(), heard, ev.SpeechStopped(), ev.UtteranceEnded("flux")


class TextLine(Line):
    """Carries words instead of audio."""

    async def carry(self, hear: Hear, post: Post) -> None:
        self.post = post
        await asyncio.Event().wait()

    async def say(self, audio: bytes) -> None:
        for event in said(audio.decode()):
            self.post(event)


Disturbance = Callable[[CallSession, ev.Event], tuple[ev.Event, ...]]


def barge_in(session: CallSession, event: ev.Event) -> tuple[ev.Event, ...]:
    return (event, *said("Wait, hold on a second."))


def hang_up(session: CallSession, event: ev.Event) -> tuple[ev.Event, ...]:
    session.hang_up("caller_hung_up")
    return (event,)


def twice(session: CallSession, event: ev.Event) -> tuple[ev.Event, ...]:
    return event, event


def nothing(session: CallSession, event: ev.Event) -> tuple[ev.Event, ...]:
    return (event,)


class Disturbed(CallSession):
    """A session to which one event comes with a disturbance."""

    def __init__(self, parts: Parts, at: int, disturb: Disturbance) -> None:
        super().__init__(parts)
        self.at, self.disturb, self.count = at, disturb, 0

    def post(self, event: ev.Event) -> None:
        self.count += 1
        if self.count != self.at:
            super().post(event)
            return
        for each in self.disturb(self, event):
            super().post(each)


DISTURBANCES: tuple[Disturbance, ...] = (barge_in, hang_up, twice)


@dataclass
class Outcome:
    """A call that is over, and how many events it had."""

    call: VoiceCall
    events: int


def ring(at: int, disturb: Disturbance) -> Outcome:
    """The booking call, with one disturbance."""
    now = world.local("2026-11-23 09:05", datetime.now(UTC))
    context = context_of(TASK, f"CA{at:032x}", NUMBER, now)
    sessions: list[Disturbed] = []

    def session(parts: Parts) -> CallSession:
        sessions.append(Disturbed(parts, at, disturb))
        return sessions[0]

    responder = local_responder(context, load_knowledge(now), lambda: now)
    call = VoiceCall(responder, tools.run, now, Edges(DeafEar, Hum, TextLine, session))
    persona = Persona(TASK.opening, TASK.facts)
    call.run(Caller(persona), lambda words, again: words.encode(), speaks_first=True)
    return Outcome(call, sessions[0].count)


def forget_visits() -> None:
    """The shop's book as it was; quicker than a new world."""
    Appointment.objects.all().delete()
    CalendarOutbox.objects.all().delete()
    Call.objects.all().delete()


@pytest.fixture
def dana(transactional_db: None) -> None:
    """The shop, and one customer with one car."""
    call_command("load_shop", verbosity=0)
    shop_tools._kept.clear()
    world.build(TASK.world, NUMBER, world.local("2026-11-23 09:05", datetime.now(UTC)))


def wrongs(call: VoiceCall) -> list[str]:
    """What a booking call may not leave behind."""
    visits = Appointment.objects.count()
    made = [
        i
        for i in call.history
        if isinstance(i, ToolUse) and i.name == "book_appointment" and _done(i)
    ]
    heard = " ".join(i.heard for i in call.history if isinstance(i, AgentTurn))
    stored = " ".join(Utterance.objects.filter(role="agent").values_list("heard_text", flat=True))
    kept = ToolInvocation.objects.filter(name="book_appointment", ok=True)
    facts = {
        "more than one visit": visits > 1,
        "an event of a visit that isn't there, or too many": AppointmentEvent.objects.count()
        != visits,
        "no calendar entry for a visit, or one too many": CalendarOutbox.objects.count() != visits,
        "the call's history does not say which": len(made) != visits,
        "the stored tool calls do not say which": bool(visits) > kept.exists(),
        "said that it is booked, and it is not": "all set" in heard and not visits,
        "stored that it was said, and it was not": "all set" in stored and "all set" not in heard,
        "written without a yes": bool(unagreed_writes(call.history, call.zone)),
    }
    return [what for what, wrong in facts.items() if wrong]


def _done(item: ToolUse) -> bool:
    return bool(orjson.loads(item.result or "{}").get("done"))


def test_left_alone_the_call_books(dana: None) -> None:
    outcome = ring(0, nothing)
    assert Appointment.objects.count() == 1
    assert wrongs(outcome.call) == []


@pytest.mark.parametrize("nth", range(len(DISTURBANCES)))
def test_whatever_happens_there_is_one_visit_or_none_and_it_says_which(
    dana: None, nth: int
) -> None:
    """Every event of the call has one disturbance; the three take turns."""
    found = {}
    for at in range(1 + nth, ring(0, nothing).events + 1, len(DISTURBANCES)):
        forget_visits()
        if wrong := wrongs(ring(at, DISTURBANCES[nth]).call):
            found[at] = wrong
    assert found == {}
