"""What the agent answers: by rules where code must decide, else by the model or locally.

Rules: one responder per call. `context` is the call's state; a tool's outcome puts it
anew. A reply that was only begun on a guess changes nothing before it is committed.
A model's words pass the truth gate sentence by sentence, a model that fails is
replaced by the local dialogue in the same breath, which has followed the call all along, and
who is calling is found out by code whichever of them drives. Private values are read from what was heard and go into
private tool calls; no model, history or log sees them.
"""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson

from voice.context import CallContext
from voice.core.effects import RequestReply
from voice.core.events import CallStarted
from voice.dialogue import openings, prompts
from voice.dialogue.follow import code_leads, follow, take_over
from voice.dialogue.grounds import Grounds
from voice.dialogue.identify import identify
from voice.dialogue.knowledge import Knowledge
from voice.dialogue.local.planner import plan as plan_locally
from voice.dialogue.local.turn import Plan, Turn
from voice.dialogue.local.understand import Understanding, understand
from voice.dialogue.rules import by_code
from voice.dialogue.sentences import Sentences
from voice.dialogue.truth import judge
from voice.gate import Flow
from voice.providers.base import (
    ChatModel,
    Prompt,
    ProviderError,
    ReplyEnd,
    ReplyPiece,
    ToolCall,
    ToolSpec,
    Words,
)

log = logging.getLogger(__name__)

Specs = Callable[[Flow], tuple[ToolSpec, ...]]
Understand = Callable[[str, Knowledge, datetime, str], Awaitable[Understanding]]
"""`understand`, run where it holds nobody up."""


async def _here(text: str, shop: Knowledge, now: datetime, asked: str) -> Understanding:
    return understand(text, shop, now, asked)


def _no_tools(flow: Flow) -> tuple[ToolSpec, ...]:
    return ()


class Responder:
    """One call's mind. Without a `model` the local dialogue answers by itself."""

    def __init__(
        self,
        context: CallContext,
        knowledge: Knowledge,
        *,
        clock: Callable[[], datetime],
        model: ChatModel | None = None,
        specs: Specs = _no_tools,
        understand_aside: Understand = _here,
    ) -> None:
        self.context = openings.opened(context)
        self._knowledge = knowledge
        self._clock = clock
        self._model = model
        self._specs, self._understand_aside = specs, understand_aside
        self._guessed: dict[int, CallContext] = {}

    @property
    def zone(self) -> ZoneInfo:
        """The shop's zone."""
        return self._knowledge.zone

    def opening(self) -> CallStarted:
        """The first words of this call."""
        return openings.opening(self.context, self._knowledge)

    async def reply(self, request: RequestReply) -> AsyncGenerator[ReplyPiece, None]:
        """Stream one reply. Raises ProviderError only where there is nobody left to answer."""
        turn = await self._turn(request)
        made = self._by_code(turn)
        if isinstance(made, Plan):
            self._keep(request, made.context)
            for piece in _pieces(made, request.reply_id):
                yield piece
            return
        async for piece in self._by_model(made, request):
            yield piece

    def commit(self, reply_id: int) -> None:
        """A reply begun on a guess has become real."""
        context = self._guessed.pop(reply_id, None)
        if context is not None:
            self.context = context

    async def close(self) -> None:
        """The call is over."""
        if self._model is not None:
            await self._model.close()

    # ---- who answers -------------------------------------------------------------------
    def _by_code(self, turn: Turn) -> Plan | Turn:
        """The reply where code decides or no model is there; else the turn for the model."""
        ruled = by_code(turn) if turn.heard else None
        if ruled is not None:
            return ruled
        if self._model is None or code_leads(turn):
            return plan_locally(turn)
        return identify(turn)

    async def _by_model(
        self, turn: Turn, request: RequestReply
    ) -> AsyncGenerator[ReplyPiece, None]:
        """The model's reply through the truth gate; the local dialogue where it fails."""
        assert self._model is not None
        followed, said = follow(turn), False
        self._keep(request, followed.context)
        try:
            async for piece in self._gated(followed, request):
                said = said or isinstance(piece, Words | ToolCall)
                yield piece
        except ProviderError as failure:
            log.warning(
                "model_failed", extra={"provider": failure.provider, "code": failure.reason}
            )
            if said:
                yield ReplyEnd()
                return
            made = plan_locally(take_over(turn))
            self._keep(request, made.context)
            for piece in _pieces(made, request.reply_id):
                yield piece

    async def _gated(self, turn: Turn, request: RequestReply) -> AsyncGenerator[ReplyPiece, None]:
        assert self._model is not None
        specs = _still_of_use(self._specs(turn.context.flow), turn.context)
        prompt = Prompt(
            prompts.static_part(turn.context.flow, self._knowledge),
            prompts.situation(turn.context, self._knowledge, turn.now),
            specs,
            prompts.VERSION,
        )
        grounds = Grounds(turn.context, self._knowledge, turn.history, turn.now)
        sentences, false_codes = Sentences(), list[str]()
        stream = self._model.reply(prompt, turn.history)
        try:
            async for piece in stream:
                match piece:
                    case Words(text=text):
                        for sentence in sentences.feed(text):
                            yield replace(_spoken(sentence, grounds, false_codes), whole=True)
                    case ReplyEnd():
                        rest = sentences.rest()
                        if rest.strip():
                            yield _spoken(rest, grounds, false_codes)
                        for note in _notes(false_codes, turn.context, request.reply_id):
                            yield note
                        yield piece
                    case ToolCall():
                        yield replace(piece, private=False)
        finally:
            await _close(stream)

    # ---- the turn --------------------------------------------------------------------------
    async def _turn(self, request: RequestReply) -> Turn:
        now, said = self._clock(), None
        if request.heard:
            asked = self.context.dialogue.asked
            # For a guess there is time while the caller's silence lasts; else every moment counts.
            read = self._understand_aside if request.speculative else _here
            said = await read(request.heard, self._knowledge, now, asked)
        return Turn(self.context, request.history, said, self._knowledge, now)

    def _keep(self, request: RequestReply, context: CallContext) -> None:
        if request.speculative:
            self._guessed = {request.reply_id: context}
        else:
            self._guessed.clear()
            self.context = context


def _still_of_use(specs: tuple[ToolSpec, ...], context: CallContext) -> tuple[ToolSpec, ...]:
    """A callback is promised once: a model that has promised it can hand over no more."""
    if context.callback_promised is None:
        return specs
    return tuple(spec for spec in specs if spec.name != "hand_over")


def _spoken(sentence: str, grounds: Grounds, false_codes: list[str]) -> Words:
    """The sentence, or what is said in its place."""
    false = judge(sentence, grounds)
    if false is None:
        return Words(sentence)
    false_codes.append(false.code)
    log.warning("false_sentence", extra={"code": false.code})
    again = false_codes.count(false.code) > 1
    lead = " " if sentence[:1] == " " else ""
    return Words("" if again else f"{lead}{false.instead}")


def _notes(codes: list[str], context: CallContext, reply_id: int) -> list[ToolCall]:
    """What was kept back is recorded with the call, by a tool of code's own."""
    return [
        ToolCall(
            f"false{reply_id}_{n}",
            "note_falsehood",
            orjson.dumps({"key": context.code_key, "code": code}).decode(),
            private=True,
        )
        for n, code in enumerate(dict.fromkeys(codes))
    ]


def _pieces(made: Plan, reply_id: int) -> list[ReplyPiece]:
    """A plan as the pieces of a reply."""
    pieces: list[ReplyPiece] = [Words(made.words)] if made.words else []
    if made.use:
        arguments = orjson.dumps(dict(made.use.arguments)).decode()
        pieces.append(ToolCall(f"code{reply_id}", made.use.name, arguments, made.use.private))
    pieces.append(ReplyEnd(made.expects))
    return pieces


async def _close(stream: object) -> None:
    close = getattr(stream, "aclose", None)
    if close is not None:
        await close()
