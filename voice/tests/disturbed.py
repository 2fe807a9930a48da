"""A whole call that is disturbed at one of its events, for tests of what is left behind.

The session, core, dialogue, tools and database are the shipped ones; only ear, voice and
line are fast fakes, and the clock leaps.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson

from voice import tools
from voice.core import events as ev
from voice.core.history import Expectation, ToolUse
from voice.providers import base
from voice.rehearsal import world
from voice.rehearsal.caller import Caller, Persona
from voice.rehearsal.line import Hear, Line, Post
from voice.rehearsal.run import context_of, local_responder
from voice.rehearsal.tasks import Expect, Task
from voice.rehearsal.text_call import RunTool
from voice.rehearsal.voice_call import Edges, VoiceCall
from voice.session import CallSession, Parts
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

    def tell(self, hear: base.Hear) -> None: ...

    async def listen(self) -> None: ...

    async def close(self) -> None: ...


class Hum:
    """Two seconds for any clause."""

    async def connect(self) -> None: ...

    async def speak(self, text: str, play: base.Play, *, last: bool) -> None:
        play(b"\x7f" * 16000)

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


def monday() -> datetime:
    """When these calls begin."""
    return world.local("2026-11-23 09:05", datetime.now(UTC))


@dataclass
class Outcome:
    """A call that is over, and how many events it had."""

    call: VoiceCall
    events: int


def ring(
    at: int, disturb: Disturbance, task: Task = TASK, sid: str = "", run_tool: RunTool = tools.run
) -> Outcome:
    """A call, the booking one unless told, with one disturbance."""
    now = monday()
    context = context_of(task, sid or f"CA{at:032x}", NUMBER, now)
    sessions: list[Disturbed] = []

    def session(parts: Parts) -> CallSession:
        sessions.append(Disturbed(parts, at, disturb))
        return sessions[0]

    responder = local_responder(context, load_knowledge(now), lambda: now)
    call = VoiceCall(responder, run_tool, now, Edges(DeafEar, Hum, TextLine, session))
    persona = Persona(task.opening, task.facts)
    call.run(Caller(persona), lambda words, again: words.encode(), speaks_first=True)
    return Outcome(call, sessions[0].count)


def is_done(item: ToolUse) -> bool:
    """Whether a tool call wrote."""
    return bool(orjson.loads(item.result or "{}").get("done"))
