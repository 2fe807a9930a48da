"""What OpenAI's chat completions refuse with 400.

Source: the vendor's API reference and "Structured outputs: supported schemas".
"""

import re
from typing import Any

KNOWN = frozenset(
    [
        "model",
        "messages",
        "stream",
        "stream_options",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "temperature",
        "top_p",
        "max_tokens",
        "max_completion_tokens",
        "prompt_cache_key",
        "safety_identifier",
        "service_tier",
        "store",
        "stop",
        "n",
        "seed",
        "user",
        "metadata",
        "response_format",
        "frequency_penalty",
        "presence_penalty",
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "reasoning_effort",
        "verbosity",
        "modalities",
        "prediction",
    ]
)
TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})


def problem_with(body: dict[str, Any]) -> str | None:
    """Why this request is refused, or None."""
    unknown = sorted(set(body) - KNOWN)
    if unknown:
        return f"Unrecognized request argument supplied: {', '.join(unknown)}"
    if not body.get("model"):
        return "you must provide a model parameter"
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return "[] is too short - 'messages'"
    return _problem_with_messages(messages) or _problem_with_tools(body)


def _problem_with_messages(messages: list[dict[str, Any]]) -> str | None:
    owed: set[str] = set()
    for n, message in enumerate(messages):
        role = message.get("role")
        if role not in ROLES:
            return f"Invalid value: '{role}' at messages[{n}].role"
        if role == "tool":
            if message.get("tool_call_id") not in owed:
                return "messages with role 'tool' must be a response to a preceding 'tool_calls'"
            owed.discard(message["tool_call_id"])
            continue
        if owed:
            return f"tool_call_ids did not have response messages: {', '.join(sorted(owed))}"
        if message.get("content") is None and not message.get("tool_calls"):
            return f"Invalid value for 'content': null at messages[{n}]"
        owed = {call["id"] for call in message.get("tool_calls") or ()}
    return f"tool_call_ids did not have response messages: {sorted(owed)}" if owed else None


def _problem_with_tools(body: dict[str, Any]) -> str | None:
    if "tools" in body and not body["tools"]:
        return "[] is too short - 'tools'"
    for tool in body.get("tools") or ():
        function = tool.get("function") or {}
        if not TOOL_NAME.fullmatch(str(function.get("name", ""))):
            return f"Invalid tool name {function.get('name')!r}"
        if function.get("strict"):
            problem = _problem_with_schema(function.get("parameters") or {}, root=True)
            if problem:
                return f"Invalid schema for function '{function['name']}': {problem}"
    return None


def _problem_with_schema(schema: dict[str, Any], *, root: bool = False) -> str | None:
    """Strict mode: every object closed, every property required, no root anyOf, no default."""
    if root and (schema.get("type") != "object" or "anyOf" in schema):
        return "schema must be an object at the root"
    if "default" in schema:
        return "'default' is not permitted"
    if "properties" in schema or schema.get("type") == "object":
        names = set(schema.get("properties") or {})
        if schema.get("additionalProperties") is not False:
            return "'additionalProperties' is required to be supplied and to be false"
        if set(schema.get("required") or ()) != names:
            return "'required' is required to be supplied and to include every key in properties"
    inside = [*(schema.get("properties") or {}).values(), *(schema.get("anyOf") or ())]
    inside += [*(schema.get("$defs") or {}).values()]
    inside += [schema["items"]] if isinstance(schema.get("items"), dict) else []
    return next(filter(None, (_problem_with_schema(part) for part in inside)), None)
