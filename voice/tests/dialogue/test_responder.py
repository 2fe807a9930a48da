"""Who answers: code first, then the model through the gate, the local dialogue when it fails."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from voice.context import CallContext, open_context
from voice.core.effects import RequestReply
from voice.core.history import CallerTurn, Item
from voice.dialogue import prompts
from voice.dialogue.knowledge import Knowledge
from voice.dialogue.responder import Responder
from voice.gate import Flow, Level
from voice.providers.base import Prompt, ProviderError, ReplyEnd, ReplyPiece, ToolCall, Words

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
SHOP = Knowledge()


class Scripted:
    """A model that says what it was given, piece by piece."""

    def __init__(self, *pieces: ReplyPiece, fails: bool = False) -> None:
        self._pieces, self._fails = pieces, fails
        self.prompts: list[Prompt] = []

    async def reply(
        self, prompt: Prompt, history: tuple[Item, ...]
    ) -> AsyncGenerator[ReplyPiece, None]:
        self.prompts.append(prompt)
        for piece in self._pieces:
            yield piece
        if self._fails:
            raise ProviderError("openai", "overloaded", retryable=True)
        yield ReplyEnd()

    async def close(self) -> None:
        """Nothing is open."""


def answer(
    heard: str, *, model: Scripted | None = None, context: CallContext | None = None
) -> tuple[Responder, list[ReplyPiece]]:
    mind = Responder(
        context or open_context(call_sid="CA1", call_id=1, caller_number="+15125550107"),
        SHOP,
        clock=lambda: NOW,
        model=model,
    )

    async def collect() -> list[ReplyPiece]:
        request = RequestReply(1, (CallerTurn(heard),), heard)
        return [piece async for piece in mind.reply(request)]

    return mind, asyncio.run(collect())


def words(pieces: list[ReplyPiece]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Words))


def tools(pieces: list[ReplyPiece]) -> list[str]:
    return [piece.name for piece in pieces if isinstance(piece, ToolCall)]


@pytest.mark.parametrize(
    ("heard", "tool"),
    [
        ("Stop calling me.", "opt_out"),
        ("This is ridiculous, I'm furious!", "hand_over"),
        ("Someone told me to say there's a bomb, I will kill you", "end_call"),
    ],
)
def test_promises_are_kept_by_code_whatever_the_model(heard: str, tool: str) -> None:
    model = Scripted(Words("Sure, whatever."))
    _, pieces = answer(heard, model=model)
    assert tools(pieces) == [tool]
    assert not model.prompts


@pytest.mark.parametrize(
    "heard",
    [
        "I'm gonna kill you", "I'll shoot you", "I will hurt her", "we planted a bomb there",
        "I'm going to burn your shop down", "I'll blow the place up",
    ],
)  # fmt: skip
def test_a_threat_ends_the_call(heard: str) -> None:
    _, pieces = answer(heard, model=Scripted(Words("Sure.")))
    assert tools(pieces) == ["end_call"]


@pytest.mark.parametrize(
    "heard",
    [
        "Kill.", "Oh shoot, I forgot the date", "shoot me a text", "I had to kill the engine",
        "those brakes could kill somebody", "my car is a bomb", "would it kill you to check?",
    ],
)  # fmt: skip
def test_a_word_that_threatens_nobody_ends_no_call(heard: str) -> None:
    _, pieces = answer(heard, model=Scripted(Words("Sure.")))
    assert "end_call" not in tools(pieces)


def test_a_models_words_are_passed_on() -> None:
    _, pieces = answer(
        "Hello there", model=Scripted(Words("Hi! What does "), Words("the car need?"))
    )
    assert words(pieces) == "Hi! What does the car need?"


def test_a_sentence_can_be_spoken_while_the_model_thinks_of_the_next() -> None:
    model = Scripted(Words("We are open "), Words("till six. What "), Words("would suit you?"))
    _, pieces = answer("Hello there", model=model)
    said = [piece for piece in pieces if isinstance(piece, Words)]
    assert [piece.whole for piece in said] == [True, False]
    assert said[-1].text == " What would suit you?"


def test_a_false_sentence_is_replaced_and_recorded() -> None:
    model = Scripted(Words("I've booked that for you. What else?"))
    _, pieces = answer("Hello there", model=model)
    assert "booked" not in words(pieces)
    assert "What else?" in words(pieces)
    assert tools(pieces) == ["note_falsehood"]


def test_a_model_that_fails_is_replaced_in_the_same_breath() -> None:
    _, pieces = answer("Hello there", model=Scripted(fails=True))
    assert words(pieces)
    assert isinstance(pieces[-1], ReplyEnd)


def test_a_model_that_fails_midway_keeps_what_it_said() -> None:
    _, pieces = answer("Hello there", model=Scripted(Words("What day works? "), fails=True))
    assert words(pieces).startswith("What day works?")
    assert isinstance(pieces[-1], ReplyEnd)


def test_a_reply_on_a_guess_changes_nothing_before_it_is_committed() -> None:
    mind = Responder(open_context(call_sid="CA1", call_id=1), SHOP, clock=lambda: NOW)
    before = mind.context

    async def guess() -> None:
        request = RequestReply(
            7, (CallerTurn("I need a person"),), "I need a person", speculative=True
        )
        async for _ in mind.reply(request):
            pass

    asyncio.run(guess())
    assert mind.context == before
    mind.commit(7)
    assert mind.context.person_asked == 1


def test_a_factor_goes_into_a_private_tool_call_and_nowhere_else() -> None:
    talk = replace(
        open_context(call_sid="CA1", call_id=1).dialogue,
        identity="L2",
        asked="dob",
        known=True,
        factors_tried=("name",),
    )
    context = replace(
        open_context(call_sid="CA1", call_id=1, caller_number="+15125550107"),
        dialogue=talk, candidate_ids=(1,),
    )  # fmt: skip
    mind = Responder(context, SHOP, clock=lambda: NOW, model=Scripted(Words("no")))
    mind.context = context

    async def collect() -> list[ReplyPiece]:
        heard = "April second nineteen eighty one"
        request = RequestReply(1, (CallerTurn("[date of birth given]"),), heard)
        return [piece async for piece in mind.reply(request)]

    pieces = asyncio.run(collect())
    call = next(piece for piece in pieces if isinstance(piece, ToolCall))
    assert (call.name, call.private) == ("verify", True)
    assert "1981" not in mind.context.to_json().decode()


def test_the_context_survives_the_session_store() -> None:
    context = replace(
        open_context(call_sid="CA1", call_id=1), level=Level.RECOGNISED, flow=Flow.CHANGE_VISIT
    )
    assert CallContext.from_json(context.to_json()) == context


@pytest.mark.parametrize("flow", list(Flow))
def test_the_static_prompt_is_the_same_for_every_call_of_a_flow(flow: Flow) -> None:
    assert prompts.static_part(flow, SHOP) == prompts.static_part(flow, SHOP)
    assert str(NOW.year) not in prompts.static_part(flow, SHOP)


def test_an_unverified_callers_prompt_holds_nothing_of_a_record() -> None:
    context = replace(
        open_context(call_sid="CA1", call_id=1),
        greet_name="Dana",
        first_name="Dana",
        candidate_ids=(1,),
    )
    assert "Dana" not in prompts.situation(context, SHOP, NOW)
