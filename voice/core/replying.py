"""The agent's mind at work: the reply being made, and the tools being run.

Rules: one reply is in the making at a time; pieces of any other are stale. A
speculative reply is kept unheard and unrun until the caller's turn is over. Tools are
cancelled by nobody; each is answered once, by its result or by the clock (a result
that comes after that still corrects the history). Words of the caller that no reply
has answered are given to the next reply again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum

from voice.core import effects as do
from voice.core import events
from voice.core.expectations import infer
from voice.core.history import CallerTurn, History, ToolUse
from voice.core.speaking import Passage, Speaking
from voice.core.timing import TurnSettings

ReplyPiece = events.ReplyText | events.ToolRequested | events.ReplyFinished | events.ReplyFailed


class Outcome(Enum):
    """What a piece of a reply meant."""

    GOES_ON = "goes on"
    DONE = "done"
    EMPTY = "empty"  # it finished, and there was nothing in it
    FAILED = "failed"  # it broke off before it said or did anything


@dataclass(slots=True)
class Reply:
    """A reply in the making."""

    reply_id: int
    due: float
    """When its next piece is too late."""
    answers: tuple[str, ...] = ()
    """The words of the turn that it was begun for, while it is speculative."""
    speculative: bool = False
    held: list[ReplyPiece] = field(default_factory=list)
    """What came while it was speculative."""
    passage: Passage | None = None
    """What it is saying; None before its first word and after a tool."""
    has_content: bool = False


@dataclass(slots=True)
class RunningTool:
    """A tool at work."""

    key: int
    use: ToolUse
    due: float
    filler_at: float
    turn: int
    """Which turn of the caller it was asked for in."""


class Thinking:
    """What the agent is about to say or do."""

    def __init__(
        self,
        settings: TurnSettings,
        history: History,
        speaking: Speaking,
        emit: Callable[[do.Effect], None],
    ) -> None:
        self._settings = settings
        self._history = history
        self._speaking = speaking
        self._emit = emit
        self._next_reply_id = 0
        self._seen_tools: set[str] = set()
        self._late_tools: dict[str, RunningTool] = {}
        self.reply: Reply | None = None
        self.tools: dict[str, RunningTool] = {}
        self.owed = False
        """Whether a reply is due as soon as it can be asked for."""
        self.unanswered: list[str] = []
        """What the caller said, raw, that no reply has answered yet."""
        self.turn = 0
        self.steps = 0
        """Tools used since the caller's last turn."""

    # ---- what is known ------------------------------------------------------------

    @property
    def generating(self) -> bool:
        """Whether a reply to a finished turn is in the making."""
        return self.reply is not None and not self.reply.speculative

    @property
    def speculating(self) -> bool:
        """Whether a reply to an unfinished turn is in the making."""
        return self.reply is not None and self.reply.speculative

    @property
    def busy(self) -> bool:
        """Whether a reply or a tool is at work for a finished turn."""
        return self.generating or bool(self.tools)

    # ---- replies ------------------------------------------------------------------

    def ask(self, now: float) -> None:
        """Ask for the reply that is owed."""
        self.owed = False
        self._begin(now)
        heard = " ".join(self.unanswered)
        self._emit(do.RequestReply(self._next_reply_id, self._history.items, heard))

    def speculate(self, turn: CallerTurn, words: str, answers: tuple[str, ...], now: float) -> None:
        """Begin a reply to a turn that is not over yet."""
        reply = self._begin(now)
        reply.speculative, reply.answers = True, answers
        heard = " ".join((*self.unanswered, words))
        history = (*self._history.items, turn)
        self._emit(do.RequestReply(reply.reply_id, history, heard, speculative=True))

    def begin_turn(self, words: str, answers: tuple[str, ...], now: float) -> list[ReplyPiece]:
        """The caller's turn is over. What a fitting speculative reply has said so far;
        without one, a reply is owed."""
        self.turn += 1
        self.steps = 0
        self.unanswered.append(words)
        reply = self.reply
        if reply is None or not reply.speculative or reply.answers != answers:
            self.cancel()
            self.owed = True
            return []
        reply.speculative, self.owed = False, False
        reply.due = max(reply.due, now + self._settings.reply_next)
        self._emit(do.CommitReply(reply.reply_id))
        held, reply.held = reply.held, []
        return held

    def cancel(self) -> bool:
        """Close the reply in the making, if there is one. Whether there was."""
        if self.reply is None:
            return False
        self._emit(do.CancelReply(self.reply.reply_id))
        self.reply = None
        return True

    def take(self, piece: ReplyPiece, now: float) -> Outcome:
        """A piece of a reply came in; a piece of another reply is stale."""
        reply = self.reply
        if reply is None or piece.reply_id != reply.reply_id:
            return Outcome.GOES_ON
        reply.due = now + self._settings.reply_next
        if reply.speculative:
            return self._keep(reply, piece)
        match piece:
            case events.ReplyText():
                self._speak(reply, piece, now)
            case events.ToolRequested():
                self._run(reply, piece, now)
            case _:
                return self._finish(reply, piece, now)
        return Outcome.GOES_ON

    def give_up(self, reply: Reply, now: float) -> Outcome:
        """The reply is too late: it is closed and counts as failed."""
        self._emit(do.CancelReply(reply.reply_id))
        return self.take(events.ReplyFailed(reply.reply_id, "too late"), now)

    # ---- tools --------------------------------------------------------------------

    def finish_tool(self, event: events.ToolFinished) -> RunningTool | None:
        """A tool came back. The tool, None if its result is no longer waited for."""
        tool = self.tools.pop(event.tool_call_id, None)
        known = tool or self._late_tools.pop(event.tool_call_id, None)
        if known is not None:
            use = replace(known.use, result=event.result)
            self._history.correct(known.key, use)
            self._emit(do.RecordTurn(use))
        return tool

    def give_up_tool(self, tool: RunningTool) -> events.ToolFinished:
        """A tool did not come back in time: nobody knows what it did."""
        self._late_tools[tool.use.tool_call_id] = tool
        return events.ToolFinished(tool.use.tool_call_id, '{"error":"unknown_outcome"}')

    # ---- inside -------------------------------------------------------------------

    def _begin(self, now: float) -> Reply:
        self._next_reply_id += 1
        self.reply = Reply(self._next_reply_id, now + self._settings.reply_first)
        return self.reply

    def _keep(self, reply: Reply, piece: ReplyPiece) -> Outcome:
        if isinstance(piece, events.ReplyFailed):
            self.reply = None  # nothing was promised; the committed turn asks again
        else:
            reply.held.append(piece)
        return Outcome.GOES_ON

    def _speak(self, reply: Reply, words: events.ReplyText, now: float) -> None:
        if reply.passage is None:
            if not words.text.strip():
                return
            reply.passage = self._speaking.open(answers=True)
            reply.has_content = True
            self._speaking.note_first_token(now)
        self._speaking.write(reply.passage, words.text, now, whole=words.whole)

    def _run(self, reply: Reply, piece: events.ToolRequested, now: float) -> None:
        if piece.tool_call_id in self._seen_tools:
            return
        self._seen_tools.add(piece.tool_call_id)
        self._end_passage(reply, now)
        reply.has_content = True
        self.unanswered.clear()
        self.steps += 1
        arguments = "[private]" if piece.private else piece.arguments
        use = ToolUse(piece.tool_call_id, piece.name, arguments)
        self.tools[piece.tool_call_id] = RunningTool(
            key=self._history.place(use),
            use=use,
            due=now + self._settings.tool,
            filler_at=now + self._settings.filler_after,
            turn=self.turn,
        )
        self._emit(do.RunTool(piece.tool_call_id, piece.name, piece.arguments))

    def _end_passage(self, reply: Reply, now: float) -> None:
        if reply.passage is not None:
            self._speaking.finish(reply.passage, None, now)
            reply.passage = None

    def _finish(
        self, reply: Reply, piece: events.ReplyFinished | events.ReplyFailed, now: float
    ) -> Outcome:
        self.reply = None
        if reply.passage is not None:
            given = piece.expects if isinstance(piece, events.ReplyFinished) else None
            expects = infer(reply.passage.text) if given is None else given
            self._speaking.finish(reply.passage, expects, now)
        if reply.has_content:
            return Outcome.DONE
        return Outcome.EMPTY if isinstance(piece, events.ReplyFinished) else Outcome.FAILED
