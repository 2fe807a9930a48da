"""One live call: performs what the core decides, and tells it what happened.

Rules:
- The conversation core is touched in `post` only, always on the event loop, one
  event at a time. Everything else (ear, voice, replies, tools, the phone) posts
  events and never reaches into it.
- A barge-in cancels words: the reply's stream and the clauses not yet made. It
  never cancels a tool. Tools run one at a time and outlive the caller; the call
  is over only when the last of them has come back or its time is up.
- Nothing here blocks: records and the phone have their own queues, so no audio
  waits for a database or a slow socket.
- A provider's failure becomes an event. Any other exception is a bug: it ends
  this call (the consumer hands the caller to a person) and no other.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Protocol

from voice.core import effects as do
from voice.core import events as ev
from voice.core.conversation import Conversation
from voice.core.history import Expectation, Item
from voice.providers.base import (
    ProviderError,
    ReplyEnd,
    ReplyPiece,
    SpeechToText,
    TextToSpeech,
    ToolCall,
    Usage,
    Words,
)

log = logging.getLogger(__name__)

TOOL_PATIENCE_S = 8.0
"""How long a tool may take before the call goes on without it (below every server's close time-out)."""
LINGER_S = 9.0
"""How long a call that is over waits for its last tools and records."""
RECORD_AFTER_S = 0.05
"""How long a record waits while the call goes on: the answer is on its way meanwhile."""


class Phone(Protocol):
    """The caller's end of the line. None of these waits: messages leave in order."""

    def play(self, audio: bytes) -> None:
        """Queue audio: mu-law, 8000 Hz."""

    def mark(self, name: str) -> None:
        """Ask to be told when everything queued so far has been played."""

    def clear(self) -> None:
        """Drop everything queued."""


class Mind(Protocol):
    """What answers: code where code must, a model where a model may."""

    def opening(self) -> ev.CallStarted:
        """The first words of this call."""

    def reply(self, request: do.RequestReply) -> AsyncGenerator[ReplyPiece, None]:
        """Stream one reply. Raises ProviderError."""

    def commit(self, reply_id: int) -> None:
        """A speculative reply has become real."""

    async def close(self) -> None:
        """The call is over. Never raises."""


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What came of a tool: see `ToolFinished` for the fields."""

    result: str
    say: str | None = None
    then: str = "model"
    expects: Expectation | None = None


class Clips(Protocol):
    """Ready-made audio for common sentences."""

    def find(self, text: str) -> bytes | None:
        """Audio of exactly these words, if it has been made: mu-law, 8000 Hz."""


UseTool = Callable[[str, str, tuple[Item, ...]], Awaitable[ToolAnswer]]
Record = Callable[[Item, tuple[Item, ...]], Awaitable[None]]
Show = Callable[[do.Synthesize | None], None]


def _nobody_watches(clause: do.Synthesize | None) -> None:
    """Where there is no page that shows words as they are spoken."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What a call is made of.

    `record` writes a turn down; `close` ends or hands over the call; `show` is told each clause
    that is about to be spoken (None: all of them were taken back) and must not wait.
    """

    conversation: Conversation
    mind: Mind
    ear: SpeechToText
    voice: TextToSpeech
    phone: Phone
    use_tool: UseTool
    record: Record
    close: Callable[[str], Awaitable[None]]
    clips: Clips
    speakable: Callable[[str], str]
    show: Show = _nobody_watches


class CallSession:
    """Runs one call from the open stream to the last record."""

    def __init__(self, parts: Parts, *, started_by: ev.Event | None = None) -> None:
        self._parts = parts
        self._core = parts.conversation
        self._started_by = started_by
        self._loop = asyncio.get_running_loop()
        self._inbox: deque[ev.Event] = deque()
        self._posting = False
        self._timer: asyncio.TimerHandle | None = None
        self._replies: dict[int, asyncio.Task[None]] = {}
        self._committed = -1
        self._tools: set[asyncio.Task[None]] = set()
        self._watched: set[asyncio.Task[None]] = set()
        self._tool_turn = asyncio.Lock()
        self._clauses: asyncio.Queue[do.Synthesize] = asyncio.Queue()
        self._records: asyncio.Queue[tuple[Item, tuple[Item, ...]] | None] = asyncio.Queue()
        self._speaker: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self._bug: BaseException | None = None
        self.closed_how: str | None = None
        self.gone_reason: str | None = None
        self.usage = Usage()

    # ---- what reaches the core ------------------------------------------------
    def hear(self, audio: bytes) -> None:
        """Audio of the caller, straight to the ear: mu-law, 8000 Hz."""
        self._parts.ear.send(audio)

    def post(self, event: ev.Event) -> None:
        """Tell the core what happened and do what it wants, until nothing is left."""
        self._inbox.append(event)
        if self._posting:
            return
        self._posting = True
        try:
            while self._inbox:
                for effect in self._core.handle(self._inbox.popleft(), self._loop.time()):
                    self._perform(effect)
        except Exception as bug:  # noqa: BLE001 - the one place where a bug ends a call
            self._fail(bug)
        finally:
            self._posting = False
        self._arm()

    def _arm(self) -> None:
        """Wake the core at its deadline, and only then."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._core.deadline is not None and not self._over.is_set():
            self._timer = self._loop.call_at(self._core.deadline, self.post, ev.DeadlinePassed())

    def _fail(self, bug: BaseException) -> None:
        self._bug = self._bug or bug
        self._over.set()

    # ---- what the core wants ----------------------------------------------------
    def _perform(self, effect: do.Effect) -> None:  # noqa: C901 - one arm per effect
        parts = self._parts
        match effect:
            case do.PlayAudio(audio=audio):
                parts.phone.play(audio)
            case do.PlaceMark(name=name):
                parts.phone.mark(name)
            case do.ClearPlayout():
                parts.phone.clear()
                self._start_speaking()
                parts.show(None)
            case do.Synthesize():
                self._clauses.put_nowait(effect)
                parts.show(effect)
            case do.RequestReply():
                self._start_reply(effect)
            case do.CommitReply(reply_id=reply_id):
                self._committed = reply_id
                parts.mind.commit(reply_id)
            case do.CancelReply(reply_id=reply_id):
                self._cancel_reply(reply_id)
            case do.RunTool():
                self._start_tool(effect)
            case do.RecordTurn(item=item):
                self._records.put_nowait((item, self._core.history.items))
            case do.FinalizeHearing():
                parts.ear.finalize()
            case do.ExpectAnswer(expects=expects):
                parts.ear.expect(expects)
            case do.CloseCall(how=how):
                self.closed_how = how
                self._over.set()

    # ---- the agent's replies ------------------------------------------------------
    def _start_reply(self, request: do.RequestReply) -> None:
        task = self._watch(self._reply(request))
        self._replies[request.reply_id] = task
        task.add_done_callback(lambda _: self._replies.pop(request.reply_id, None))

    def _cancel_reply(self, reply_id: int) -> None:
        if task := self._replies.pop(reply_id, None):
            task.cancel()

    async def _reply(self, request: do.RequestReply) -> None:
        reply_id = request.reply_id
        if reply_id == self._committed:  # before its first piece: it was no guess then
            request = replace(request, speculative=False)
        try:
            async with contextlib.aclosing(self._parts.mind.reply(request)) as pieces:
                async for piece in pieces:
                    self._post_piece(reply_id, piece)
        except ProviderError as failure:
            log.warning("reply_failed", extra={"provider": failure.provider})
            self.post(ev.ReplyFailed(reply_id, failure.reason))

    def _post_piece(self, reply_id: int, piece: ReplyPiece) -> None:
        match piece:
            case Words(text=text, whole=whole):
                self.post(ev.ReplyText(reply_id, text, whole))
            case ToolCall(id=call_id, name=name, arguments=arguments, private=private):
                self.post(ev.ToolRequested(reply_id, call_id, name, arguments, private))
            case ReplyEnd(expects=expects, usage=usage):
                self._count(usage)
                self.post(ev.ReplyFinished(reply_id, expects))

    def _count(self, usage: Usage) -> None:
        self.usage = Usage(
            self.usage.prompt_tokens + usage.prompt_tokens,
            self.usage.cached_tokens + usage.cached_tokens,
            self.usage.completion_tokens + usage.completion_tokens,
        )

    # ---- the agent's voice --------------------------------------------------------
    def _start_speaking(self) -> None:
        """A new speaker with an empty list; whatever the old one was making is dropped."""
        if self._speaker is not None:
            self._speaker.cancel()
        self._clauses = asyncio.Queue()
        self._speaker = self._watch(self._speak(self._clauses))

    async def _speak(self, clauses: asyncio.Queue[do.Synthesize]) -> None:
        while True:
            clause = await clauses.get()
            try:
                await self._speak_clause(clause)
            except ProviderError as failure:
                log.warning("speech_failed", extra={"provider": failure.provider})
                self.post(ev.SpeechFailed(clause.clause_id, failure.reason))

    async def _speak_clause(self, clause: do.Synthesize) -> None:
        if (ready := self._parts.clips.find(clause.text)) is not None:
            self.post(ev.ClauseAudio(clause.clause_id, ready))
        else:
            words = self._parts.speakable(clause.text)
            await self._parts.voice.speak(
                words,
                lambda audio: self.post(ev.ClauseAudio(clause.clause_id, audio)),
                last=clause.last,
            )
        self.post(ev.ClauseFinished(clause.clause_id))

    # ---- tools ------------------------------------------------------------------
    def _start_tool(self, request: do.RunTool) -> None:
        task = self._loop.create_task(self._use_tool(request, self._core.history.items))
        self._tools.add(task)
        task.add_done_callback(self._tools.discard)

    async def _use_tool(self, request: do.RunTool, history: tuple[Item, ...]) -> None:
        try:
            async with self._tool_turn:
                answer = await self._parts.use_tool(request.name, request.arguments, history)
        except Exception as bug:  # noqa: BLE001 - a tool's bug ends the call politely
            self._fail(bug)
            return
        self.post(
            ev.ToolFinished(
                request.tool_call_id, answer.result, answer.say, answer.then, answer.expects
            )
        )

    # ---- the ear, the record ----------------------------------------------------
    async def _write_records(self) -> None:
        while (entry := await self._records.get()) is not None:
            await self._let_the_answer_go_first()
            try:
                await self._parts.record(*entry)
            except Exception:  # a lost line is no reason to lose the lines after it, or the caller
                log.exception("record_lost")

    async def _let_the_answer_go_first(self) -> None:
        """A turn's record begins where its answer does; the caller waits only for the answer."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RECORD_AFTER_S):
                await self._over.wait()

    # ---- the whole call -----------------------------------------------------------
    async def run(self) -> None:
        """Run the call until it is over. Raises the bug that ended it, if one did."""
        recorder = self._loop.create_task(self._write_records())
        try:
            await self._open()
            await self._over.wait()
            await self._settle_tools()
        finally:
            await self._close(recorder)
        if self._bug is not None:
            raise self._bug
        if self.closed_how is not None:
            await self._parts.close(self.closed_how)

    async def _open(self) -> None:
        """The greeting first (it may be a clip), the ear beside it, the voice before any other word."""
        self._start_speaking()
        self._watch(self._connect_voice())
        self._watch(self._connect_and_listen())
        self.post(self._started_by or self._parts.mind.opening())

    async def _connect_voice(self) -> None:
        with contextlib.suppress(ProviderError):  # the first clause will say so, and be handled
            await self._parts.voice.connect()

    async def _connect_and_listen(self) -> None:
        ear = self._parts.ear
        ear.tell(self.post)
        try:
            await ear.connect()
        except ProviderError as failure:
            log.warning("ear_failed", extra={"provider": failure.provider})
            self.post(ev.HearingLost(for_good=True))
            return
        await ear.listen()

    def hang_up(self, reason: str) -> None:
        """The caller is gone: stop, closed socket, or the carrier said so."""
        self.gone_reason = self.gone_reason or reason
        self.post(ev.CallEnded(reason))
        self._over.set()

    async def _settle_tools(self) -> None:
        """A write that has begun is waited for: a hang-up never loses or doubles it."""
        if self._tools:
            await asyncio.wait(self._tools, timeout=TOOL_PATIENCE_S)

    async def _close(self, recorder: asyncio.Task[None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for task in tuple(self._watched):
            task.cancel()
        self._records.put_nowait(None)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(recorder, LINGER_S)
        parts = self._parts
        await asyncio.gather(parts.ear.close(), parts.voice.close(), parts.mind.close())

    # ---- watching over tasks ------------------------------------------------------
    def _watch(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Start a task whose bug is this call's bug."""
        task = self._loop.create_task(work)
        self._watched.add(task)
        task.add_done_callback(self._watch_over)
        return task

    def _watch_over(self, task: asyncio.Task[None]) -> None:
        self._watched.discard(task)
        if not task.cancelled() and (bug := task.exception()) is not None:
            self._fail(bug)
