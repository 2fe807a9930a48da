"""Our history as the messages of a chat completions request.

Rules: the static prompt comes first and is the same for every call of a flow, which is
what prompt caching keeps; this call's facts come last. Only what the caller *heard* was
said. Every tool call is followed at once by its one result, whatever was cut short, so
no history is ever refused. Pure.
"""

import hashlib
import json
from collections import Counter
from typing import Any

from voice.core.history import AgentTurn, CallerTurn, Item, ToolUse
from voice.providers.base import Prompt, ToolSpec

Message = dict[str, Any]

LONGEST_HISTORY = 24_000
"""Characters of history that are sent; about 6,000 tokens."""
KEPT_WORDS = 25
PRIVATE = "[private]"
STILL_RUNNING = '{"status":"still_running"}'


def build(prompt: Prompt, history: tuple[Item, ...]) -> list[Message]:
    """All messages of one request."""
    earlier, recent = shorten(history)
    messages: list[Message] = [{"role": "system", "content": prompt.static}]
    if earlier:
        messages.append({"role": "system", "content": earlier})
    seen: Counter[str] = Counter()
    for item in recent:
        messages += _render(item, seen)
    if prompt.situation:
        messages.append({"role": "system", "content": prompt.situation})
    return messages


def tool_definitions(tools: tuple[ToolSpec, ...]) -> list[dict[str, Any]]:
    """The tools, strict: the model's arguments then fit the schema."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
                "strict": True,
            },
        }
        for tool in tools
    ]


def shorten(
    history: tuple[Item, ...], longest: int = LONGEST_HISTORY
) -> tuple[str, tuple[Item, ...]]:
    """A long call: a summary of what no longer fits, and the items that do.

    The newest half stays word for word; the cut then does not move with every turn,
    so that the beginning of the request stays the same and stays cached.
    """
    if sum(map(_size, history)) <= longest:
        return "", history
    kept, room = len(history), longest // 2
    while kept and (room := room - _size(history[kept - 1])) >= 0:
        kept -= 1
    kept -= kept % 8
    return _summarise(history[:kept]), history[kept:]


def _size(item: Item) -> int:
    if isinstance(item, ToolUse):
        return len(item.arguments) + len(item.result or "")
    return len(item.text)


def _summarise(items: tuple[Item, ...]) -> str:
    """Who said what, in few words, and what the tools did."""
    lines = ["Earlier in this call, shortened:"]
    for item in items:
        match item:
            case CallerTurn(text=text):
                lines.append(f"Caller: {_first_words(text)}")
            case AgentTurn(heard=heard) if heard:
                lines.append(f"You: {_first_words(heard)}")
            case ToolUse(name=name, result=result):
                lines.append(f"{name}: {(result or 'still running')[:160]}")
    return "\n".join(lines)


def _first_words(text: str) -> str:
    words = text.split()
    return " ".join(words[:KEPT_WORDS]) + (" ..." if len(words) > KEPT_WORDS else "")


def _render(item: Item, seen: Counter[str]) -> list[Message]:
    match item:
        case CallerTurn(text=text):
            return [{"role": "user", "content": text}]
        case AgentTurn(heard=heard, interrupted=interrupted):
            said = f"{heard} -" if interrupted else heard
            return [{"role": "assistant", "content": said}] if heard else []
        case ToolUse():
            return _render_tool(item, seen)


def _render_tool(use: ToolUse, seen: Counter[str]) -> list[Message]:
    result = STILL_RUNNING if use.result is None else use.result
    if use.arguments == PRIVATE or not _is_json(use.arguments):
        # The model neither asked for it nor may see with what.
        return [{"role": "system", "content": f"Result of {use.name}: {result}"}]
    call_id = _short_id(use.tool_call_id, seen)
    function = {"name": use.name, "arguments": use.arguments}
    call = {"id": call_id, "type": "function", "function": function}
    return [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call_id, "content": result},
    ]


def _short_id(tool_call_id: str, seen: Counter[str]) -> str:
    """The API takes 40 characters at most; the same id twice would be two results for one call."""
    seen[tool_call_id] += 1
    if len(tool_call_id) <= 40 and seen[tool_call_id] == 1:
        return tool_call_id
    unique = f"{tool_call_id}#{seen[tool_call_id]}"
    return "call_" + hashlib.sha256(unique.encode()).hexdigest()[:24]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
