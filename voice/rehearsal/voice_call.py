"""A whole call by voice: the real session, ear, voice, dialogue and tools on a leaping clock.

Rules: the caller's words are audio and reach the agent through the recogniser alone;
what the agent says is synthesised and takes the time it takes to say. The caller hears
the words that were played out, as a person does, and speaks when the agent is silent.
Transcript and live session are written as in a real call. Only the telephone and the
clock are simulated.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from voice import records, store
from voice.context import CallContext
from voice.core.conversation import Conversation
from voice.core.history import AgentTurn, CallerTurn, Item
from voice.core.timing import Phrases, TurnSettings
from voice.dialogue.redact import redact
from voice.dialogue.responder import Responder
from voice.dialogue.spoken_text import speakable
from voice.providers.base import SpeechToText, TextToSpeech
from voice.providers.local import LocalSpeechToText, LocalTextToSpeech
from voice.ready import in_thread
from voice.rehearsal.caller import Caller
from voice.rehearsal.clock import LeapingLoop
from voice.rehearsal.line import Line
from voice.rehearsal.mouth import Mouth
from voice.rehearsal.taken_down import TakenDown
from voice.rehearsal.talk import Talk
from voice.rehearsal.text_call import RunTool
from voice.session import CallSession, Parts, ToolAnswer
from voice.tools import FILLERS, ToolOutcome

LONGEST_S = 14 * 60.0


class NoClips:
    """Nothing is made beforehand: every sentence is synthesised."""

    def find(self, text: str) -> bytes | None:
        """Nothing."""
        return None


@dataclass(frozen=True, slots=True)
class Edges:
    """What a call by voice ends in; by itself the built-in speech and a plain line."""

    ear: Callable[[], SpeechToText] = LocalSpeechToText
    voice: Callable[[], TextToSpeech] = LocalTextToSpeech
    line: Callable[[], Line] = Line
    session: Callable[[Parts], CallSession] = CallSession


@dataclass(slots=True)
class VoiceCall(TakenDown):
    """One call by voice and what became of it; judged like a call by text."""

    responder: Responder
    run_tool: RunTool
    started: datetime
    edges: Edges = Edges()
    tools: list[tuple[str, str, ToolOutcome]] = field(default_factory=list)
    now: float = 0.0
    closed: str | None = None
    _core: Conversation = field(init=False)
    _turns: int = 0

    def __post_init__(self) -> None:
        settings = TurnSettings(phrases=Phrases(fillers=FILLERS))
        self._core = Conversation(redact=redact, settings=settings)

    # ---- the call ---------------------------------------------------------------------
    def run(self, caller: Caller, mouth: Mouth, *, speaks_first: bool) -> None:
        """The whole call, from the greeting to the last record."""
        loop = LeapingLoop()
        try:
            loop.run_until_complete(self._run(caller, mouth, speaks_first=speaks_first))
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    async def _run(self, caller: Caller, mouth: Mouth, *, speaks_first: bool) -> None:
        loop, line = asyncio.get_running_loop(), self.edges.line()
        session = self._session(line)
        running = loop.create_task(session.run())
        carrying = loop.create_task(line.carry(session.hear, session.post))
        talking = loop.create_task(
            Talk(line, session, caller, mouth, lambda: self.history).hold(speaks_first=speaks_first)
        )
        try:
            await asyncio.wait(
                {running, talking}, timeout=LONGEST_S, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            session.hang_up("caller_hung_up")
            self.now = loop.time()
            for task in (talking, carrying):
                task.cancel()
            await asyncio.gather(running, talking, carrying, return_exceptions=True)
        _raise_bug(running, talking)
        self.closed = session.closed_how or "caller"
        await in_thread(self._write_end, session)

    def _session(self, line: Line) -> CallSession:
        return self.edges.session(
            Parts(
                conversation=self._core,
                mind=self.responder,
                ear=self.edges.ear(),
                voice=self.edges.voice(),
                phone=line,
                use_tool=self._use_tool,
                record=self._record,
                close=_no_telephone,
                clips=NoClips(),
                speakable=speakable,
            )
        )

    async def _use_tool(self, name: str, arguments: str, history: tuple[Item, ...]) -> ToolAnswer:
        now = self.started + timedelta(seconds=asyncio.get_running_loop().time())
        outcome = await in_thread(
            self.run_tool, self.responder.context, name, arguments, history, now
        )
        self.responder.context = outcome.context
        self.tools.append((name, arguments, outcome))
        return ToolAnswer(outcome.result_json, outcome.say, outcome.then, outcome.expects)

    # ---- its records ------------------------------------------------------------------
    async def _record(self, item: Item, history: tuple[Item, ...]) -> None:
        context = self.responder.context
        packed = store.pack(store.LiveSession(history, context.to_json(), "listening", 0))
        await in_thread(self._write, item, packed, context)

    def _write(self, item: Item, packed: bytes, context: CallContext) -> None:
        if isinstance(item, CallerTurn | AgentTurn):
            self._turns += 1
            records.write_turn(context.call_id, records.Numbered(self._turns, item))
        records.save_session(context.call_sid, packed)

    def _write_end(self, session: CallSession) -> None:
        context = self.responder.context
        records.finish(
            call_id=context.call_id,
            end_reason=session.gone_reason or "agent_hung_up",
            outcome=context.outcome or "abandoned",
            history=self.history,
            usage=session.usage,
            facts={"flow": context.flow.value, "verification_level": context.level.value},
            now=self.started + timedelta(seconds=self.now),
        )


async def _no_telephone(how: str) -> None:
    """There is no carrier to tell."""


def _raise_bug(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        if not task.cancelled() and (bug := task.exception()) is not None:
            raise bug
