"""Chunks of a streamed reply, whatever shape they come in."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.providers.base import Usage
from voice.providers.openai.chunks import Heard, says_something


def chunk(delta: dict[str, Any] | None = None, finish: str | None = None) -> dict[str, Any]:
    """A chunk as the vendor sends it."""
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish, "logprobs": None}
    return {"id": "chatcmpl-1", "model": "gpt-4o-2024-08-06", "choices": [choice], "usage": None}


def test_words_come_out_one_by_one_and_the_end_is_known() -> None:
    heard = Heard()
    said = [heard.take(chunk({"content": words})) for words in ("Good ", "morning.")]
    assert said == ["Good ", "morning."]
    unfinished = heard.finish
    heard.take(chunk(finish="stop"))
    assert unfinished is None
    assert (heard.finish, heard.any_words, heard.model) == ("stop", True, "gpt-4o-2024-08-06")


def test_a_refusal_is_words_too() -> None:
    assert Heard().take(chunk({"content": None, "refusal": "I can't."})) == "I can't."


def test_a_tool_call_is_put_together_from_its_pieces() -> None:
    heard = Heard()
    first = {"index": 1, "id": "call_a", "function": {"name": "book", "arguments": ""}}
    heard.take(chunk({"tool_calls": [first]}))
    for part in ('{"opening"', ':"o1"}'):
        heard.take(chunk({"tool_calls": [{"index": 1, "function": {"arguments": part}}]}))
    assert heard.calls == {1: {"id": "call_a", "name": "book", "arguments": '{"opening":"o1"}'}}


def test_what_a_reply_cost_comes_in_a_chunk_without_choices() -> None:
    heard = Heard()
    details = {"cached_tokens": 1024}
    usage = {"prompt_tokens": 1500, "completion_tokens": 20, "prompt_tokens_details": details}
    assert heard.take({"choices": [], "usage": usage}) == ""
    assert heard.usage == Usage(1500, 1024, 20)


@pytest.mark.parametrize(
    ("delta", "finish", "says"),
    [
        ({"role": "assistant", "content": ""}, None, False),
        ({"content": "Hi"}, None, True),
        ({"tool_calls": [{"index": 0}]}, None, True),
        ({}, "stop", True),
    ],
)
def test_only_words_tools_and_the_end_say_something(
    delta: dict[str, Any], finish: str | None, says: bool
) -> None:
    assert says_something(chunk(delta, finish)) is says


@pytest.mark.parametrize(
    "garbled",
    [
        "text", None, [], {"choices": "none"}, {"choices": ["one"]}, {"usage": 3},
        {"choices": [{"delta": "Hi"}]}, {"choices": [{"delta": {"content": 7}}]},
        {"choices": [{"delta": {"tool_calls": [None]}}]},
        {"choices": [{"delta": {"tool_calls": [{"index": "0"}]}}]},
    ],
)  # fmt: skip
def test_a_chunk_of_another_shape_is_a_value_error(garbled: object) -> None:
    with pytest.raises(ValueError, match="a chunk holds"):
        Heard().take(garbled)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(
            ["choices", "delta", "content", "tool_calls", "function", "usage", "finish_reason", "x"]
        ),
        inner,
    ),
    max_leaves=12,
)  # fmt: skip


@given(json)
def test_any_json_is_read_or_refused_and_never_breaks_anything_else(anything: object) -> None:
    for read in (Heard().take, says_something):
        try:
            read(anything)
        except ValueError as refused:
            assert "a chunk holds" in str(refused)  # noqa: PT017
