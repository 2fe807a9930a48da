"""What a streamed reply has said so far, read out of its chunks.

Rules: a chunk is read as the JSON that it is; the SDK's objects for it would cost a
fifth of a millisecond each, a dozen times before the caller hears a word. A field that
is missing or null says nothing; one of another type is a ValueError, and never any other
exception. Source: OpenAI, "Chat completions - The chat completion chunk object".
"""

from dataclasses import dataclass, field
from typing import Any, TypeVar

from voice.providers.base import Usage

T = TypeVar("T")


@dataclass(slots=True)
class Heard:
    """What of a reply has come in so far. Tool calls are put together by their index."""

    calls: dict[int, dict[str, str]] = field(default_factory=dict)
    finish: str | None = None
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    any_words: bool = False

    def take(self, chunk: object) -> str:
        """Add a chunk; the words in it. Raises ValueError."""
        fields = _typed(dict, chunk)
        self.model = _text(fields, "model") or self.model
        if fields.get("usage") is not None:
            self.usage = _usage(_typed(dict, fields["usage"]))
        choice = _first_choice(fields)
        self.finish = _text(choice, "finish_reason") or self.finish
        delta = _part(choice, "delta")
        for call in _typed(list, delta.get("tool_calls") or []):
            self._take_call(_typed(dict, call))
        words = _text(delta, "content") or _text(delta, "refusal")
        self.any_words = self.any_words or bool(words)
        return words

    def _take_call(self, part: dict[str, Any]) -> None:
        index = _typed(int, part.get("index", 0))
        call = self.calls.setdefault(index, {"id": "", "name": "", "arguments": ""})
        call["id"] = _text(part, "id") or call["id"]
        function = _part(part, "function")
        call["name"] += _text(function, "name")
        call["arguments"] += _text(function, "arguments")


def says_something(chunk: object) -> bool:
    """Whether a chunk holds words, a tool or the end, and not only the role. Raises ValueError."""
    choice = _first_choice(_typed(dict, chunk))
    delta = _part(choice, "delta")
    spoken = delta.get("content") or delta.get("refusal") or delta.get("tool_calls")
    return bool(spoken or choice.get("finish_reason"))


def _first_choice(fields: dict[str, Any]) -> dict[str, Any]:
    """The only choice that is ever asked for; none in the chunk that tells the usage."""
    choices = _typed(list, fields.get("choices") or [])
    return _typed(dict, choices[0]) if choices else {}


def _usage(usage: dict[str, Any]) -> Usage:
    return Usage(
        prompt_tokens=_typed(int, usage.get("prompt_tokens") or 0),
        cached_tokens=_typed(int, _part(usage, "prompt_tokens_details").get("cached_tokens") or 0),
        completion_tokens=_typed(int, usage.get("completion_tokens") or 0),
    )


def _part(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return _typed(dict, fields.get(name) or {})


def _text(fields: dict[str, Any], name: str) -> str:
    return _typed(str, fields.get(name) or "")


def _typed(kind: type[T], value: object) -> T:
    if not isinstance(value, kind):
        raise ValueError(f"a chunk holds {type(value).__name__} for {kind.__name__}")
    return value
