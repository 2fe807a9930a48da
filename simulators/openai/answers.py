"""What a simulated model says, and the ways in which saying it goes wrong.

Rules: a policy is a plain function of the request; an `Answer` is a whole reply;
`chunks` cuts it up as the vendor streams it, tool arguments at awkward places.
"""

import itertools
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Message = dict[str, Any]
Tool = dict[str, Any]
_ids = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call of an answer. A mapping is sent as JSON, a text as it stands (valid or not)."""

    name: str
    arguments: dict[str, Any] | str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply of the model. `finish_reason` None: what the vendor would send."""

    content: str = ""
    calls: tuple[Call, ...] = ()
    finish_reason: str | None = None
    refusal: str = ""


Policy = Callable[[list[Message], list[Tool]], Answer | str | Awaitable[Answer | str]]
"""From the request's messages and tools to the reply; a bare text is its content."""


class Fault(StrEnum):
    """How a request fails. `NONE` is how most do not."""

    NONE = "none"
    UNAUTHORISED = "401"
    RATE_LIMITED = "429"
    NO_QUOTA = "429_quota"
    SERVER_ERROR = "500"
    OVERLOADED = "503"
    STALL_BEFORE_HEADERS = "stall_before_headers"
    STALL_BEFORE_FIRST = "stall_before_first"
    STALL_MIDWAY = "stall_midway"
    ABORT = "abort"
    CLEAN_EOF = "clean_eof"
    ERROR_MIDWAY = "error_midway"
    GARBAGE = "garbage"


ERRORS: dict[Fault, tuple[int, str, str]] = {
    Fault.UNAUTHORISED: (401, "invalid_request_error", "invalid_api_key"),
    Fault.RATE_LIMITED: (429, "requests", "rate_limit_exceeded"),
    Fault.NO_QUOTA: (429, "insufficient_quota", "insufficient_quota"),
    Fault.SERVER_ERROR: (500, "server_error", "server_error"),
    Fault.OVERLOADED: (503, "server_error", "overloaded"),
}


def say(*answers: Answer | str) -> Policy:
    """A policy that gives these answers in turn and then repeats the last."""
    turns = iter(answers)
    last: list[Answer | str] = []

    def next_answer(messages: list[Message], tools: list[Tool]) -> Answer | str:
        last[:] = [next(turns, last[0] if last else "")]
        return last[0]

    return next_answer


def deltas(answer: Answer) -> Iterator[tuple[dict[str, Any], str | None]]:
    """(delta, finish_reason) pairs as they are streamed, the first with the role."""
    yield {"role": "assistant", "content": None if answer.calls else "", "refusal": None}, None
    for word in _tokens(answer.content):
        yield {"content": word}, None
    for word in _tokens(answer.refusal):
        yield {"refusal": word}, None
    for index, call in enumerate(answer.calls):
        yield from ((delta, None) for delta in _call_deltas(index, call))
    yield {}, answer.finish_reason or ("tool_calls" if answer.calls else "stop")


def _tokens(text: str) -> Iterator[str]:
    """Words with the space before them, which is how tokens fall."""
    word = ""
    for letter in text:
        if letter == " " and word:
            yield word
            word = ""
        word += letter
    if word:
        yield word


def _call_deltas(index: int, call: Call) -> Iterator[dict[str, Any]]:
    arguments = call.arguments
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=True)
    call_id = call.id or f"call_{next(_ids)}"
    function = {"name": call.name, "arguments": ""}
    first = {"index": index, "id": call_id, "type": "function", "function": function}
    yield {"tool_calls": [first]}
    for at in range(0, len(text), 5):  # five at a time cuts escapes, words and numbers
        yield {"tool_calls": [{"index": index, "function": {"arguments": text[at : at + 5]}}]}
