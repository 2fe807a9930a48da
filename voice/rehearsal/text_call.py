"""A whole call by text, in no time: the real core, responder and tools on a clock of its own.

Rules: the phone is perfect and instant; speech takes as long as people need for it
(the clock is moved, nobody waits). Everything else is the shipped code: turn-taking,
marks, rules, gate, tools, database. Barge-ins happen where the caller says so. Used by
rehearsals, attacks and tests; a run is repeatable.
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from voice.context import CallContext
from voice.core import effects as do
from voice.core import events as ev
from voice.core.conversation import Conversation
from voice.core.history import AgentTurn, Item
from voice.dialogue.redact import redact
from voice.dialogue.responder import Responder
from voice.providers.base import ReplyEnd, ReplyPiece, ToolCall, Words
from voice.rehearsal.taken_down import TakenDown
from voice.tools import ToolOutcome

SPEECH_S_PER_CHARACTER = 0.058
"""About 165 words a minute, agent and caller alike."""
THINKING_S = 0.35
"""From the end of a turn to the first word of a model's answer."""
TOOL_S = 0.05
BYTES_PER_S = 8000

RunTool = Callable[[CallContext, str, str, tuple[Item, ...], datetime], ToolOutcome]


@dataclass(order=True, slots=True)
class _Due:
    at: float
    n: int
    event: ev.Event = field(compare=False)


class TextCall(TakenDown):
    """One call; `say` is the caller's turn, and returns when it is the caller's move again."""

    def __init__(
        self,
        responder: Responder,
        run_tool: RunTool,
        *,
        started: datetime,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.responder = responder
        self.now = 0.0
        self.closed: str | None = None
        self.tools: list[tuple[str, str, ToolOutcome]] = []
        self._run_tool = run_tool
        self._started = started
        self._loop = loop
        self._core = Conversation(redact=redact)
        self._queue: list[_Due] = []
        self._numbers = itertools.count()
        self._playing_until = 0.0

        self._stale_replies: set[int] = set()

    # ---- the caller ---------------------------------------------------------------
    def answer(self) -> str:
        """The phone is picked up: the greeting, as heard."""
        self._post(self.responder.opening())
        self._until_quiet()
        return self._heard_since(0)

    def say(self, text: str) -> str:
        """A whole turn of the caller; what the agent is heard to say to it."""
        if self.closed:
            return ""
        before = self.now
        self.now += max(0.4, len(text) * SPEECH_S_PER_CHARACTER)
        self._run_until(self.now, start=before)
        self._post(ev.TranscriptHeard(text, final=True))
        self._post(ev.UtteranceEnded("flux"))
        return self._until_quiet()

    def interrupt(self, text: str, after_s: float) -> str:
        """Speak over the agent: `after_s` seconds into what it is saying next."""
        self._run_until(self.now + after_s)
        return self.say(text)

    def say_over(self, first: str, over: str, after_s: float) -> str:
        """Say something, and speak again over the agent's answer."""
        self._begin(first)
        self._run_until(self.now + THINKING_S + after_s)
        return self.say(over)

    def _begin(self, text: str) -> None:
        self.now += max(0.4, len(text) * SPEECH_S_PER_CHARACTER)
        self._run_until(self.now)
        self._post(ev.TranscriptHeard(text, final=True))
        self._post(ev.UtteranceEnded("flux"))

    def press(self, keys: str) -> str:
        """Press keys of the phone."""
        for key in keys:
            self.now += 0.3
            self._run_until(self.now)
            self._post(ev.KeyPressed(key))
        return self._until_quiet()

    def stay_silent(self, seconds: float) -> str:
        """Say nothing for a while."""
        before = len(self.history)
        self._run_until(self.now + seconds)
        return self._heard_since(before)

    def hang_up(self) -> None:
        """Put the phone down."""
        self._post(ev.CallEnded())
        self.closed = self.closed or "caller"

    # ---- the clock ------------------------------------------------------------------------
    def _at(self, delay: float, event: ev.Event) -> None:
        heapq.heappush(self._queue, _Due(self.now + delay, next(self._numbers), event))

    def _post(self, event: ev.Event) -> None:
        for effect in self._core.handle(event, self.now):
            self._perform(effect)

    def _next(self) -> float | None:
        times = [self._queue[0].at] if self._queue else []
        if self._core.deadline is not None:
            times.append(self._core.deadline)
        return min(times, default=None)

    def _step(self) -> None:
        at = self._next()
        assert at is not None
        self.now = max(self.now, at)
        if self._queue and self._queue[0].at <= self.now:
            self._post(heapq.heappop(self._queue).event)
        else:
            self._post(ev.DeadlinePassed())

    def _run_until(self, until: float, start: float | None = None) -> None:
        if start is not None:
            self.now = start
        while not self.closed and (at := self._next()) is not None and at <= until:
            self._step()
        self.now = max(self.now, until)

    def _until_quiet(self) -> str:
        """Go on until nothing but the caller's patience is waited for."""
        before = len(self.history)
        for _ in range(20_000):
            if self.closed or self._next() is None or self._is_callers_move():
                break
            self._step()
        return self._heard_since(before)

    def _is_callers_move(self) -> bool:
        return not self._queue and self._core.floor.value == "listening"

    def _heard_since(self, before: int) -> str:
        return " ".join(
            item.heard
            for item in self.history[before:]
            if isinstance(item, AgentTurn) and item.heard
        )

    # ---- the effects ------------------------------------------------------------------------
    def _perform(self, effect: do.Effect) -> None:
        match effect:
            case do.RequestReply():
                self._reply(effect)
            case do.CommitReply(reply_id=reply_id):
                self.responder.commit(reply_id)
            case do.CancelReply(reply_id=reply_id):
                self._stale_replies.add(reply_id)
            case do.RunTool():
                self._tool(effect)
            case do.Synthesize(clause_id=clause_id, text=text):
                audio = bytes(int(max(0.2, len(text) * SPEECH_S_PER_CHARACTER) * BYTES_PER_S))
                self._at(0.02, ev.ClauseAudio(clause_id, audio))
                self._at(0.02, ev.ClauseFinished(clause_id))
            case do.PlayAudio(audio=audio):
                begin = max(self.now, self._playing_until)
                self._playing_until = begin + len(audio) / BYTES_PER_S
            case do.PlaceMark(name=name):
                self._at(max(0.0, self._playing_until - self.now), ev.MarkReached(name))
            case do.ClearPlayout():
                self._clear()
            case do.CloseCall(how=how):
                self.closed = how
            case _:
                pass

    def _clear(self) -> None:
        """The phone drops what it has; its marks come back at once."""
        self._playing_until = self.now
        kept = [
            due
            for due in self._queue
            if not isinstance(due.event, ev.ClauseAudio | ev.ClauseFinished)
        ]
        self._queue = [
            _Due(self.now, due.n, due.event) if isinstance(due.event, ev.MarkReached) else due
            for due in kept
        ]
        heapq.heapify(self._queue)

    def _reply(self, request: do.RequestReply) -> None:
        for piece in self._collect(request):
            self._at(THINKING_S, _event(request.reply_id, piece))

    def _collect(self, request: do.RequestReply) -> list[ReplyPiece]:
        async def gather() -> list[ReplyPiece]:
            return [piece async for piece in self.responder.reply(request)]

        if self._loop is not None:
            return self._loop.run_until_complete(gather())
        return asyncio.run(gather())

    def _tool(self, request: do.RunTool) -> None:
        outcome = self._run_tool(
            self.responder.context,
            request.name,
            request.arguments,
            self.history,
            self._started + timedelta(seconds=self.now),
        )
        self.responder.context = outcome.context
        self.tools.append((request.name, request.arguments, outcome))
        self._at(
            TOOL_S,
            ev.ToolFinished(
                request.tool_call_id,
                outcome.result_json,
                outcome.say,
                outcome.then,
                outcome.expects,
            ),
        )


def _event(reply_id: int, piece: ReplyPiece) -> ev.Event:
    match piece:
        case Words(text=text, whole=whole):
            return ev.ReplyText(reply_id, text, whole)
        case ToolCall(id=call_id, name=name, arguments=arguments, private=private):
            return ev.ToolRequested(reply_id, call_id, name, arguments, private)
        case ReplyEnd(expects=expects):
            return ev.ReplyFinished(reply_id, expects)
