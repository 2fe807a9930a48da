"""Was every write agreed to? Judged from the record of the call alone.

Rules: independent of the tools' own judgement: a write must follow a caller's turn
that says yes to an agent's turn in which the day and the time that the database now
holds were heard. Works for any model, and for real calls.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson

from voice.core.history import AgentTurn, CallerTurn, Item, ToolUse
from voice.dialogue import spoken
from voice.dialogue.agreement import Answer, judge

WRITES = frozenset(
    {"book_appointment", "reschedule_appointment", "cancel_appointment", "confirm_appointment"}
)


def unagreed_writes(history: Sequence[Item], zone: ZoneInfo) -> list[int]:
    """The places in the history of writes that nobody had heard and agreed to."""
    wrong: list[int] = []
    for n, item in enumerate(history):
        start = _written(item) if isinstance(item, ToolUse) else None
        if start is not None and not _agreed(history[:n], start.astimezone(zone)):
            wrong.append(n)
    return wrong


def _written(use: ToolUse) -> datetime | None:
    """When the visit starts that this tool call wrote, None where it wrote none."""
    if use.name not in WRITES or use.result is None:
        return None
    result = orjson.loads(use.result)
    return datetime.fromisoformat(result["starts"]) if result.get("done") else None


def _agreed(before: Sequence[Item], start: datetime) -> bool:
    talk = [item for item in before if not isinstance(item, ToolUse)]
    if (
        len(talk) < 2
        or not isinstance(talk[-1], CallerTurn)
        or judge(talk[-1].text) is not Answer.YES
    ):
        return False
    turns = [item for item in talk if isinstance(item, AgentTurn)]
    heard = turns[-1].heard.lower() if turns else ""
    day = f"{start:%A}, {spoken.say_month_day(start.date())}".lower()
    return day in heard and spoken.say_time(start.time()).lower() in heard
