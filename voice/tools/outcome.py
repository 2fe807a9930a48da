"""What a tool gives back to the call."""

from dataclasses import dataclass
from typing import Any

import orjson

from voice.context import CallContext
from voice.core.history import Expectation


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """`context` replaces the call's; `result_json` is all that a model sees of it.

    `say`, where given, is spoken word for word; `then` says who goes on: "model",
    "listen", "hang_up" or "hand_over". `error` is a code, "" when it went well.
    """

    context: CallContext
    result_json: str
    say: str | None = None
    then: str = "model"
    expects: Expectation | None = None
    ok: bool = True
    error: str = ""


def done(
    context: CallContext,
    *,
    say: str | None = None,
    then: str = "model",
    expects: Expectation | None = None,
    **facts: Any,
) -> ToolOutcome:
    """It went well; `facts` are the JSON result."""
    return ToolOutcome(context, _json({"ok": True, **facts}), say, then, expects)


def refused(context: CallContext, code: str, **facts: Any) -> ToolOutcome:
    """The gate or the domain said no."""
    return ToolOutcome(context, _json({"error": code, **facts}), ok=False, error=code)


def _json(facts: dict[str, Any]) -> str:
    return orjson.dumps(facts, default=str).decode()
