"""The simulated OpenAI behaves as documented, seen through the vendor's own SDK."""

from typing import Any

import openai
import pytest

from simulators.openai import Answer, Call, Fault, OpenAISimulator, say
from simulators.waiting import until

USER = [{"role": "user", "content": "Hello"}]
PARAMETERS = {
    "type": "object",
    "properties": {"day": {"type": ["string", "null"]}},
    "required": ["day"],
    "additionalProperties": False,
}


def tool(parameters: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {"name": "find", "strict": True, "parameters": parameters},
    }


async def stream(simulator: OpenAISimulator, **body: Any) -> list[Any]:
    request = {"model": "gpt-4o", "messages": USER, "stream": True, **body}
    async with openai.AsyncOpenAI(base_url=simulator.url, api_key="key", max_retries=0) as client:
        chunks = await client.chat.completions.create(**request)
        return [chunk async for chunk in chunks]


async def test_words_come_one_by_one_and_usage_last() -> None:
    async with OpenAISimulator(say("Sure, I can help.")) as simulator:
        chunks = await stream(simulator, stream_options={"include_usage": True})
    words = [c.choices[0].delta.content or "" for c in chunks if c.choices]
    assert "".join(words) == "Sure, I can help."
    assert chunks[-1].usage.prompt_tokens > 0
    assert chunks[-2].choices[0].finish_reason == "stop"


async def test_tool_calls_are_told_apart_by_index_and_their_arguments_come_in_pieces() -> None:
    calls = (Call("find", {"day": "Thursday é"}), Call("look", ""))
    async with OpenAISimulator(say(Answer(calls=calls))) as simulator:
        chunks = await stream(simulator)
    pieces = [t for c in chunks for t in c.choices[0].delta.tool_calls or ()]
    first = "".join(t.function.arguments for t in pieces if t.index == 0)
    assert first == '{"day": "Thursday \\u00e9"}'
    assert [t.function.name for t in pieces if t.id] == ["find", "look"]
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"colour": "red"}, "Unrecognized"),
        ({"messages": []}, "too short"),
        ({"messages": [{"role": "tool", "tool_call_id": "x", "content": "{}"}]}, "response to"),
        ({"tools": [tool({**PARAMETERS, "required": []})]}, "required"),
        ({"tools": [tool({"type": "object", "properties": {}})]}, "additionalProperties"),
    ],
)
async def test_what_the_vendor_refuses_is_refused(body: dict[str, Any], why: str) -> None:
    extra = {"extra_body": {"colour": "red"}} if "colour" in body else body
    async with OpenAISimulator() as simulator:
        with pytest.raises(openai.BadRequestError, match=why):
            await stream(simulator, **extra)


async def test_a_tool_call_without_its_result_is_refused() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "find", "arguments": "{}"}}
    asked = {"role": "assistant", "content": None, "tool_calls": [call]}
    async with OpenAISimulator() as simulator:
        with pytest.raises(openai.BadRequestError, match="did not have response"):
            await stream(simulator, messages=[*USER, asked, *USER])


async def test_a_good_strict_tool_is_accepted() -> None:
    async with OpenAISimulator() as simulator:
        assert await stream(simulator, tools=[tool(PARAMETERS)])
        assert simulator.refused == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.UNAUTHORISED, openai.AuthenticationError),
        (Fault.RATE_LIMITED, openai.RateLimitError),
        (Fault.NO_QUOTA, openai.RateLimitError),
        (Fault.SERVER_ERROR, openai.InternalServerError),
        (Fault.ABORT, openai.APIConnectionError),
        (Fault.ERROR_MIDWAY, openai.APIError),
    ],
)
async def test_faults_are_what_the_sdk_makes_of_them(fault: Fault, error: type[Exception]) -> None:
    async with OpenAISimulator(say("One two three four"), faults=fault) as simulator:
        with pytest.raises(error):
            await stream(simulator)


async def test_a_client_that_leaves_is_noticed() -> None:
    async with OpenAISimulator(say("word " * 200), token_s=0.05) as simulator:
        async with openai.AsyncOpenAI(base_url=simulator.url, api_key="k") as client:
            request: dict[str, Any] = {"model": "gpt-4o", "messages": USER, "stream": True}
            chunks = await client.chat.completions.create(**request)
            await anext(aiter(chunks))
            await chunks.close()
        await until(lambda: simulator.cancelled)
        assert simulator.streams_open == 0
