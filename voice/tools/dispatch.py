"""One tool call from its name to its record: parse, authorise, handle, write down.

Rules: synchronous, for a thread. Nothing a model sends raises: unknown names, broken
JSON, wrong values and refusals come back as codes, and all of them are recorded. What
is recorded is redacted; a code's own arguments (factors) are not recorded at all.
"""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError

from calls import log
from crm.errors import Refusal
from voice import metrics
from voice.context import CallContext
from voice.core.history import Item
from voice.dialogue.redact import redact
from voice.gate import Denied, Level, authorise, lowest_level
from voice.tools.arguments import Arguments, CodeArguments
from voice.tools.frame import Frame
from voice.tools.outcome import ToolOutcome, refused
from voice.tools.shop import load_knowledge
from voice.tools.step_up import lapsed
from voice.tools.table import TOOLS, Tool, gate_row

_PRIVATE = "[private]"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_HIDDEN = frozenset({"first_name", "last_name", "key"})


def run(
    context: CallContext,
    name: str,
    arguments: str,
    history: tuple[Item, ...],
    now: datetime,
) -> ToolOutcome:
    """Use a tool. `arguments` is JSON text as it came from a model or from code."""
    started = time.perf_counter()
    context = lapsed(context, now)
    tool, parsed, outcome = _prepare(context, name, arguments)
    row = gate_row(tool, parsed, context) if tool and parsed else name
    if outcome is None and tool is not None and parsed is not None:
        outcome = _guarded(tool, parsed, row, Frame(context, history, now, load_knowledge(now)))
    assert outcome is not None
    ms = int((time.perf_counter() - started) * 1000)
    label = name if tool else "unknown"  # a model may make names up, and a label is for ever
    metrics.TOOLS.labels(label, "ok" if outcome.ok else outcome.error or "refused").inc()
    metrics.TOOL_MS.labels(label).observe(ms)
    _record(context, name, parsed, outcome, row, ms, now)
    return outcome


def _prepare(
    context: CallContext, name: str, arguments: str
) -> tuple[Tool | None, Arguments | None, ToolOutcome | None]:
    tool = TOOLS.get(name)
    if tool is None:
        return None, None, refused(context, "unknown_tool")
    try:
        parsed = tool.arguments.model_validate(_repaired(tool, arguments))
    except (ValidationError, ValueError) as problem:
        return tool, None, refused(context, "bad_arguments", fields=_fields(problem))
    if isinstance(parsed, CodeArguments) and not _knows_key(context, parsed):
        return tool, None, refused(context, "unknown_tool")
    return tool, parsed, None


def _repaired(tool: Tool, arguments: str) -> dict[str, Any]:
    """Arguments as a dict; what may be null and is missing is null. Raises ValueError."""
    values = orjson.loads(arguments) if arguments.strip() else {}
    if not isinstance(values, dict):
        raise ValueError("arguments are no object")
    missing = {field: None for field in tool.arguments.model_fields if field not in values}
    nullable = {field for field in missing if _may_be_null(tool.arguments, field)}
    return {**values, **dict.fromkeys(nullable)}


def _may_be_null(model: type[Arguments], field: str) -> bool:
    return type(None) in getattr(model.model_fields[field].annotation, "__args__", ())


def _fields(problem: Exception) -> list[str]:
    """Which fields are wrong, by name only: a value may be anything."""
    if not isinstance(problem, ValidationError):
        return []
    return sorted({str(error["loc"][0]) for error in problem.errors() if error["loc"]})[:6]


def _knows_key(context: CallContext, arguments: CodeArguments) -> bool:
    return bool(context.code_key) and secrets.compare_digest(context.code_key, arguments.key)


_TOLD = ("instead", "powertrain", "scope", "limit")
"""Facts of a refusal that help to go on and tell nothing of anybody."""


def _guarded(tool: Tool, parsed: Arguments, row: str, frame: Frame) -> ToolOutcome:
    decision = authorise(row, frame.context)
    if isinstance(decision, Denied):
        return refused(_wanting(frame.context, decision, row), decision.code)
    try:
        return tool.handle(frame, parsed)
    except Refusal as refusal:
        told = {name: refusal.facts[name] for name in _TOLD if name in refusal.facts}
        return refused(frame.context, refusal.code, **told)


def _wanting(context: CallContext, denied: Denied, row: str) -> CallContext:
    """A tool that needs a level makes the level wanted: code then asks for the factors."""
    if denied.code != "needs_verification" or context.verification_closed:
        return context
    target = Level.RECOGNISED if row == "book_appointment:existing" else Level.VERIFIED
    if lowest_level(row) is Level.STEPPED_UP:
        target = Level.STEPPED_UP
    return replace(context, dialogue=replace(context.dialogue, identity=target.value))


def _record(
    context: CallContext,
    name: str,
    parsed: Arguments | None,
    outcome: ToolOutcome,
    row: str,
    ms: int,
    now: datetime,
) -> None:
    log.record_tool(
        call_id=context.call_id,
        name=name,
        arguments=_recordable(parsed, now),
        ok=outcome.ok,
        error=outcome.error,
        level_required=lowest_level(row).value,
        level_held=context.level.value,
        ms=ms,
        now=now,
    )


def _recordable(parsed: Arguments | None, now: datetime) -> dict[str, Any]:
    if parsed is None:
        return {}
    if isinstance(parsed, CodeArguments):
        return {field: _PRIVATE for field in type(parsed).model_fields if field != "key"}
    return {
        field: _PRIVATE if field in _HIDDEN and value else _plain(value, now)
        for field, value in parsed.model_dump(mode="json").items()
    }


def _plain(value: Any, now: datetime) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part, now) for name, part in value.items()}
    if not isinstance(value, str) or _is_coming_day(value, now):
        return value
    return redact(value)


def _is_coming_day(value: str, now: datetime) -> bool:
    """A day that a visit may be on is nobody's date of birth."""
    return bool(_DAY.fullmatch(value)) and int(value[:4]) >= now.year


Run = Callable[[CallContext, str, str, tuple[Item, ...], datetime], ToolOutcome]
