"""The chat model against a simulated OpenAI, through the real SDK."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from simulators.openai import Answer, Call, Fault, OpenAISimulator, Policy, say
from simulators.waiting import until
from voice.core.history import CallerTurn
from voice.providers.base import (
    Prompt,
    ProviderError,
    ReplyEnd,
    ReplyPiece,
    ToolCall,
    ToolSpec,
    Words,
)
from voice.providers.openai import OpenAIChatModel
from voice.providers.openai.model import Patience

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {},
    "required": [],
    "additionalProperties": False,
}
PROMPT = Prompt("Static.", "Situation.", (ToolSpec("find", "Find.", SCHEMA),), "inbound-3")
HISTORY = (CallerTurn("Hello"),)
NEVER_BEGINS = Patience(first_token_s=2, total_s=30, hedge_after_s=0.1)
STOPS = Patience(first_token_s=20, total_s=2, hedge_after_s=15)
PATIENT = Patience(first_token_s=20, total_s=30, hedge_after_s=15)
FIVE = say("One two three four five.")


@asynccontextmanager
async def thinking(
    policy: Policy = FIVE, patience: Patience = PATIENT, **how: Any
) -> AsyncIterator[tuple[OpenAIChatModel, OpenAISimulator]]:
    async with OpenAISimulator(policy, **how) as simulator:
        model = OpenAIChatModel(api_key="key", base_url=simulator.url, patience=patience)
        try:
            yield model, simulator
        finally:
            await model.close()
        await until(lambda: not simulator.streams_open)


async def reply(model: OpenAIChatModel) -> list[ReplyPiece]:
    return [piece async for piece in model.reply(PROMPT, HISTORY)]


async def collect(model: OpenAIChatModel, said: list[ReplyPiece]) -> None:
    async for piece in model.reply(PROMPT, HISTORY):
        said.append(piece)


def words_of(pieces: list[ReplyPiece]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Words))


async def test_words_stream_and_the_end_tells_the_cost() -> None:
    async with thinking() as (model, simulator):
        pieces = await reply(model)
    assert words_of(pieces) == "One two three four five."
    assert len(pieces) == 6
    end = pieces[-1]
    assert isinstance(end, ReplyEnd)
    assert end.usage.prompt_tokens > 0
    assert end.usage.completion_tokens > 0
    body = simulator.requests[0]
    assert body["prompt_cache_key"] == "inbound-3"
    assert body["parallel_tool_calls"] is False
    assert body["tools"][0]["function"]["strict"] is True


async def test_tool_calls_are_put_together_by_their_index() -> None:
    calls = (Call("find", {"day": "Thursday é"}, "a"), Call("find", "", "b"))
    async with thinking(say(Answer("One moment.", calls))) as (model, _):
        pieces = await reply(model)
    assert words_of(pieces) == "One moment."
    tools = [piece for piece in pieces if isinstance(piece, ToolCall)]
    assert tools == [
        ToolCall("a", "find", '{"day": "Thursday \\u00e9"}'),
        ToolCall("b", "find", "{}"),
    ]


async def test_broken_arguments_are_passed_on_for_the_gate_to_refuse() -> None:
    async with thinking(say(Answer(calls=(Call("find", '{"day": ', "a"),)))) as (model, _):
        pieces = await reply(model)
    assert pieces[0] == ToolCall("a", "find", '{"day": ')


@pytest.mark.parametrize(
    ("fault", "reason", "retryable"),
    [
        (Fault.UNAUTHORISED, "http_401", False),
        (Fault.NO_QUOTA, "insufficient_quota", False),
        (Fault.RATE_LIMITED, "http_429", True),
        (Fault.SERVER_ERROR, "http_500", True),
        (Fault.OVERLOADED, "http_503", True),
        (Fault.ABORT, "network", True),
        (Fault.CLEAN_EOF, "cut_off", True),
        (Fault.ERROR_MIDWAY, "error_midway", True),
        (Fault.GARBAGE, "garbled", True),
    ],
)
async def test_every_fault_is_a_provider_error(fault: Fault, reason: str, retryable: bool) -> None:
    async with thinking(faults=fault) as (model, _):
        with pytest.raises(ProviderError) as failure:
            await reply(model)
    assert (failure.value.reason, failure.value.retryable) == (reason, retryable)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(""), "empty"),
        (Answer("Sorry", finish_reason="content_filter"), "content_filter"),
        (Answer(calls=(Call("find", '{"d'),), finish_reason="length"), "cut_off"),
    ],
)
async def test_a_reply_that_is_none_is_a_fault(answer: Answer, reason: str) -> None:
    async with thinking(say(answer)) as (model, _):
        with pytest.raises(ProviderError, match=reason):
            await reply(model)


async def test_a_reply_that_is_too_long_is_kept_as_far_as_it_went() -> None:
    async with thinking(say(Answer("One two", finish_reason="length"))) as (model, _):
        assert words_of(await reply(model)) == "One two"


async def test_a_refusal_is_spoken() -> None:
    async with thinking(say(Answer(refusal="I can't do that."))) as (model, _):
        assert words_of(await reply(model)) == "I can't do that."


@pytest.mark.parametrize("first", [Fault.SERVER_ERROR, Fault.RATE_LIMITED])
async def test_a_request_that_fails_at_once_is_asked_once_more(first: Fault) -> None:
    async with thinking(faults=[first, Fault.NONE]) as (model, _):
        assert words_of(await reply(model)) == "One two three four five."
        assert model.hedges == 1


@pytest.mark.parametrize("first", [Fault.STALL_BEFORE_HEADERS, Fault.STALL_BEFORE_FIRST])
async def test_a_request_that_is_slow_is_asked_once_more_and_the_slow_one_is_closed(
    first: Fault,
) -> None:
    patience = Patience(first_token_s=20, total_s=30, hedge_after_s=0.05)
    async with thinking(patience=patience, faults=[first, Fault.NONE]) as (model, simulator):
        assert words_of(await reply(model)) == "One two three four five."
        await until(lambda: simulator.cancelled == 1)
        assert len(simulator.requests) == 2


async def test_an_answer_that_never_begins_is_given_up_in_time() -> None:
    async with thinking(patience=NEVER_BEGINS, faults=Fault.STALL_BEFORE_FIRST) as (
        model,
        simulator,
    ):
        with pytest.raises(ProviderError, match="timeout"):
            await reply(model)
        await until(lambda: simulator.cancelled == 2)


async def test_an_answer_that_stops_midway_is_given_up_and_what_was_said_stands() -> None:
    said: list[ReplyPiece] = []
    async with thinking(patience=STOPS, faults=Fault.STALL_MIDWAY) as (model, simulator):
        with pytest.raises(ProviderError, match="timeout"):
            await collect(model, said)
        await until(lambda: simulator.cancelled == 1)
    assert words_of(said) == "One two"


async def test_a_reply_that_is_left_early_is_closed_at_the_provider() -> None:
    async with thinking(say("word " * 500), token_s=0.05) as (model, simulator):
        async with aclosing(model.reply(PROMPT, HISTORY)) as pieces:
            await anext(pieces)
        await until(lambda: simulator.cancelled == 1)


async def test_a_cancelled_reply_is_closed_at_the_provider() -> None:
    async with thinking(say("word " * 500), token_s=0.05) as (model, simulator):
        task = asyncio.create_task(reply(model))
        await until(lambda: simulator.streams_open)
        task.cancel()
        await until(lambda: simulator.cancelled == 1)
        await asyncio.wait([task])


async def test_nobody_there_is_a_provider_error() -> None:
    model = OpenAIChatModel(api_key="key", base_url="http://127.0.0.1:9/v1")
    with pytest.raises(ProviderError, match="network"):
        await reply(model)
    await model.close()


async def test_calls_share_one_client_and_the_last_closes_it() -> None:
    async with OpenAISimulator(FIVE) as simulator:
        first, second = (OpenAIChatModel(api_key="k", base_url=simulator.url) for _ in "ab")
        assert first._shared is second._shared
        await first.close()
        assert words_of(await reply(second)) == "One two three four five."
        await second.close()
