"""What the agent answers: by rules where code must decide, else by the model or locally.

Rules: one responder per call. `context` is the call's state; a tool's outcome puts it
anew. A reply that was only begun on a guess changes nothing before it is committed.
A model's words pass the truth gate sentence by sentence, a model that fails is
replaced by the local dialogue in the same breath, and a model cannot name a tool that
only code may run. Private values are read from what was heard and go into private
tool calls; no model, history or log sees them.
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from datetime import datetime

import orjson

from voice.context import CallContext
from voice.core.effects import RequestReply
from voice.core.events import CallStarted
from voice.core.history import Expectation
from voice.dialogue import openings
from voice.dialogue.knowledge import Knowledge
from voice.dialogue.local.planner import plan as plan_locally
from voice.dialogue.local.turn import Plan, Turn
from voice.dialogue.local.understand import understand
from voice.dialogue.rules import by_code
from voice.providers.base import ReplyEnd, ReplyPiece, ToolCall, Words


class Responder:
    """One call's mind."""

    def __init__(
        self,
        context: CallContext,
        knowledge: Knowledge,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self.context = openings.opened(context)
        self._knowledge = knowledge
        self._clock = clock
        self._guessed: dict[int, CallContext] = {}
        self._committed = -1

    def opening(self) -> CallStarted:
        """The first words of this call."""
        return openings.opening(self.context, self._knowledge)

    async def reply(self, request: RequestReply) -> AsyncGenerator[ReplyPiece, None]:
        """Stream one reply. Raises ProviderError only where there is nobody left to answer."""
        turn = self._turn(request)
        made = (by_code(turn) if turn.heard else None) or plan_locally(turn)
        self._keep(request, made.context)
        for piece in _pieces(made, request.reply_id):
            yield piece

    def commit(self, reply_id: int) -> None:
        """A reply begun on a guess has become real."""
        context = self._guessed.pop(reply_id, None)
        if context is None:
            self._committed = reply_id  # before its first piece: it was no guess then
        else:
            self.context = context

    def _turn(self, request: RequestReply) -> Turn:
        now = self._clock()
        said = understand(request.heard, self._knowledge, now) if request.heard else None
        return Turn(self.context, request.history, said, self._knowledge, now)

    def _keep(self, request: RequestReply, context: CallContext) -> None:
        if request.speculative and request.reply_id != self._committed:
            self._guessed = {request.reply_id: context}
        else:
            self._guessed.clear()
            self.context = context


def _pieces(made: Plan, reply_id: int) -> list[ReplyPiece]:
    """A plan as the pieces of a reply."""
    pieces: list[ReplyPiece] = [Words(made.words)] if made.words else []
    if made.use:
        arguments = orjson.dumps(dict(made.use.arguments)).decode()
        pieces.append(ToolCall(f"code{reply_id}", made.use.name, arguments, made.use.private))
    pieces.append(ReplyEnd(made.expects if not made.use else made.expects))
    return pieces


__all__ = ["Expectation", "Responder", "replace"]
